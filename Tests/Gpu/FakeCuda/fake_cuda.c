/* A driver of CUDA without a GPU, for tests of everything that happens on the host. Device memory is host memory.
   Work that is handed to a stream is kept, and done as late as the rules allow: when the host waits for the stream, or when another stream whose turn it is
   waits for its event. So what reads too early, or changes a source too early, is seen. Calls in the wrong context fail, as with the real driver.
   Environment: FAKE_CUDA_DEVICES, _INIT (status of cuInit), _VERSION, _CAPABILITY, _MEMORY (bytes per device), _LAUNCH (status of a launch),
   _REFUSE (images that begin with this text are not loaded). */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101, INVALID_IMAGE = 200, INVALID_CONTEXT = 201,
       INVALID_HANDLE = 400, NOT_FOUND = 500, ILLEGAL_ADDRESS = 700 };
enum { MOST_DEVICES = 8, MOST_STREAMS = 256, ARGUMENT_BYTES = 256 };

typedef struct Stream Stream;
typedef struct { int magic, device; Stream* zero; } Context;
typedef struct { Context* context; char* image; } Module;
typedef struct { Module* module; char name[64]; int shared_limit; } Function;
typedef struct { Context* context; Stream* stream; uint64_t place; } Event;
typedef struct Work {
    struct Work* next;
    enum { COPY, SET, LAUNCH, WAIT } kind;
    void *to; const void* from; size_t bytes; uint64_t pattern; int size;
    Stream* other; uint64_t place;
    char name[64]; unsigned char arguments[ARGUMENT_BYTES];
} Work;
struct Stream { Context* context; Work *first, *last; uint64_t handed, done; };
typedef struct Block { struct Block* next; char* start; size_t bytes; int device; } Block;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread Context* current;
static int initialized;
static Context* primary[MOST_DEVICES];
static Stream* streams[MOST_STREAMS];
static Block* blocks;
static size_t used[MOST_DEVICES];

/* ---------------------------------------------------------------- counting */
static struct { const char* name; long calls; } counts[128];

static void count(const char* name)
{
    pthread_mutex_lock(&lock);
    int i = 0;
    while (counts[i].name && strcmp(counts[i].name, name)) i++;
    counts[i].name = name;
    counts[i].calls++;
    pthread_mutex_unlock(&lock);
}

long fake_count(const char* name)
{
    for (int i = 0; i < 128 && counts[i].name; i++) if (!strcmp(counts[i].name, name)) return counts[i].calls;
    return 0;
}

#define COUNT() count(__func__)
#define CONTEXT() do { COUNT(); if (!current) return INVALID_CONTEXT; } while (0)

static long number(const char* name, long otherwise)
{
    const char* text = getenv(name);
    return text && *text ? atol(text) : otherwise;
}

/* ---------------------------------------------------------------- devices and contexts */
int cuInit(unsigned flags) { COUNT(); int status = (int)number("FAKE_CUDA_INIT", 0); initialized = status == 0; return flags ? INVALID_VALUE : status; }
int cuDriverGetVersion(int* version) { COUNT(); *version = (int)number("FAKE_CUDA_VERSION", 12040); return SUCCESS; }
int cuDeviceGetCount(int* devices) { COUNT(); *devices = (int)number("FAKE_CUDA_DEVICES", 1); return initialized ? SUCCESS : NOT_INITIALIZED; }

int cuDeviceGet(int* device, int ordinal)
{
    COUNT();
    if (ordinal < 0 || ordinal >= number("FAKE_CUDA_DEVICES", 1)) return INVALID_DEVICE;
    *device = ordinal;
    return initialized ? SUCCESS : NOT_INITIALIZED;
}

int cuDeviceGetName(char* name, int length, int device) { COUNT(); snprintf(name, length, "Fake GPU %d", device); return SUCCESS; }
int cuDeviceTotalMem_v2(size_t* bytes, int device) { COUNT(); (void)device; *bytes = (size_t)number("FAKE_CUDA_MEMORY", 1L << 30); return SUCCESS; }

int cuDeviceGetAttribute(int* value, int attribute, int device)
{
    COUNT();
    (void)device;
    int capability = (int)number("FAKE_CUDA_CAPABILITY", 90);
    switch (attribute) {
        case 1: *value = 1024; return SUCCESS;              /* MAX_THREADS_PER_BLOCK */
        case 8: *value = 48 << 10; return SUCCESS;          /* MAX_SHARED_MEMORY_PER_BLOCK */
        case 16: *value = 132; return SUCCESS;              /* MULTIPROCESSOR_COUNT */
        case 75: *value = capability / 10; return SUCCESS;  /* COMPUTE_CAPABILITY_MAJOR */
        case 76: *value = capability % 10; return SUCCESS;  /* COMPUTE_CAPABILITY_MINOR */
        case 97: *value = 227 << 10; return SUCCESS;        /* MAX_SHARED_MEMORY_PER_BLOCK_OPTIN */
        default: return INVALID_VALUE;
    }
}

static Stream* new_stream(Context* context)
{
    Stream* stream = calloc(1, sizeof *stream);
    stream->context = context;
    for (int i = 0; i < MOST_STREAMS; i++) if (!streams[i]) { streams[i] = stream; return stream; }
    abort();
}

static Context* new_context(int device)
{
    Context* context = calloc(1, sizeof *context);
    context->magic = 0xC0DE;
    context->device = device;
    context->zero = new_stream(context);
    return context;
}

int cuDevicePrimaryCtxRetain(Context** context, int device)
{
    COUNT();
    if (!initialized) return NOT_INITIALIZED;
    pthread_mutex_lock(&lock);
    if (!primary[device]) primary[device] = new_context(device);
    *context = primary[device];
    pthread_mutex_unlock(&lock);
    return SUCCESS;
}

int cuDevicePrimaryCtxRelease_v2(int device) { COUNT(); (void)device; return SUCCESS; }

int cuCtxCreate_v2(Context** context, unsigned flags, int device)
{
    COUNT();
    (void)flags;
    pthread_mutex_lock(&lock);
    current = *context = new_context(device);
    pthread_mutex_unlock(&lock);
    return SUCCESS;
}

int cuCtxSetCurrent(Context* context) { COUNT(); if (context && context->magic != 0xC0DE) return INVALID_CONTEXT; current = context; return SUCCESS; }
int cuCtxGetCurrent(Context** context) { COUNT(); *context = current; return SUCCESS; }
int cuCtxGetDevice(int* device) { CONTEXT(); *device = current->device; return SUCCESS; }

/* ---------------------------------------------------------------- work */
static void run(Stream* stream, uint64_t place);

static void launch(const Work* w)
{
    const unsigned char* a = w->arguments;
    int64_t* at[4];
    memcpy(at, a, sizeof at);
    if (!strcmp(w->name, "fill_u64")) {             /* y, offset, value, count */
        for (int64_t i = 0; i < (int64_t)at[3]; i++) ((uint64_t*)at[0])[(int64_t)at[1] + i] = (uint64_t)at[2];
    } else if (!strcmp(w->name, "add_one")) {       /* y, offset, count */
        for (int64_t i = 0; i < (int64_t)at[2]; i++) ((float*)at[0])[(int64_t)at[1] + i] += 1;
    } else if (!strcmp(w->name, "note_arguments")) {    /* y, offset, and what is noted in y */
        memcpy((char*)at[0] + (int64_t)at[1], a + 16, 64);
    } else if (!strcmp(w->name, "find_fault")) {    /* the record and its ticket (FAULTS) */
        uint32_t ticket;
        memcpy(&ticket, a + 8, 4);
        if (*(uint32_t*)at[0] == 0) { *(uint32_t*)at[0] = ticket; at[0][1] = 5; at[0][2] = -7; }
    }
}

static void perform(Work* w)
{
    switch (w->kind) {
        case COPY: memcpy(w->to, w->from, w->bytes); break;
        case SET: for (size_t i = 0; i < w->bytes; i++) memcpy((char*)w->to + i * w->size, &w->pattern, w->size); break;
        case LAUNCH: launch(w); break;
        case WAIT: run(w->other, w->place); break;
    }
}

static void run(Stream* stream, uint64_t place)
{
    while (stream->done < place) {
        Work* w = stream->first;
        stream->first = w->next;
        if (!stream->first) stream->last = NULL;
        stream->done++;
        perform(w);
        free(w);
    }
}

static Stream* real(Stream* stream) { return (uintptr_t)stream < 3 ? current->zero : stream; }

static int hand(Stream* stream, Work work)
{
    stream = real(stream);
    if (stream->context != current) return INVALID_CONTEXT;
    Work* w = malloc(sizeof *w);
    *w = work;
    w->next = NULL;
    pthread_mutex_lock(&lock);
    if (stream->last) stream->last->next = w; else stream->first = w;
    stream->last = w;
    stream->handed++;
    pthread_mutex_unlock(&lock);
    return SUCCESS;
}

/* The memory is one block of the current context's device. */
static int owned(const void* start, size_t bytes)
{
    pthread_mutex_lock(&lock);
    Block* b = blocks;
    while (b && !((char*)start >= b->start && (char*)start + bytes <= b->start + b->bytes && b->device == current->device)) b = b->next;
    pthread_mutex_unlock(&lock);
    return b != NULL;
}

int cuStreamCreate(Stream** stream, unsigned flags)
{
    CONTEXT();
    if (flags > 1) return INVALID_VALUE;
    pthread_mutex_lock(&lock);
    *stream = new_stream(current);
    pthread_mutex_unlock(&lock);
    return SUCCESS;
}

int cuStreamDestroy_v2(Stream* stream)
{
    CONTEXT();
    pthread_mutex_lock(&lock);
    run(stream, stream->handed);
    for (int i = 0; i < MOST_STREAMS; i++) if (streams[i] == stream) streams[i] = NULL;
    pthread_mutex_unlock(&lock);
    return SUCCESS;         /* not freed: an event may still name it */
}

int cuStreamSynchronize(Stream* stream)
{
    CONTEXT();
    stream = real(stream);
    if (stream->context != current) return INVALID_CONTEXT;
    pthread_mutex_lock(&lock);
    run(stream, stream->handed);
    pthread_mutex_unlock(&lock);
    return SUCCESS;
}

int cuStreamGetCtx(Stream* stream, Context** context) { COUNT(); *context = stream->context; return SUCCESS; }

int cuEventCreate(Event** event, unsigned flags) { CONTEXT(); (void)flags; *event = calloc(1, sizeof **event); (*event)->context = current; return SUCCESS; }

int cuEventRecord(Event* event, Stream* stream)
{
    CONTEXT();
    stream = real(stream);
    if (event->context != stream->context || stream->context != current) return INVALID_CONTEXT;
    pthread_mutex_lock(&lock);
    event->stream = stream;
    event->place = stream->handed;
    pthread_mutex_unlock(&lock);
    return SUCCESS;
}

int cuEventSynchronize(Event* event)
{
    CONTEXT();
    pthread_mutex_lock(&lock);
    if (event->stream) run(event->stream, event->place);
    pthread_mutex_unlock(&lock);
    return SUCCESS;
}

int cuEventDestroy_v2(Event* event) { CONTEXT(); free(event); return SUCCESS; }

int cuStreamWaitEvent(Stream* stream, Event* event, unsigned flags)
{
    CONTEXT();
    if (flags) return INVALID_VALUE;
    if (!event->stream) return SUCCESS;
    Work work = { .kind = WAIT, .other = event->stream, .place = event->place };
    return hand(stream, work);
}

/* ---------------------------------------------------------------- memory */
int cuMemAlloc_v2(char** pointer, size_t bytes)
{
    CONTEXT();
    pthread_mutex_lock(&lock);
    int device = current->device, fits = used[device] + bytes <= (size_t)number("FAKE_CUDA_MEMORY", 1L << 30);
    if (fits) {
        Block* b = malloc(sizeof *b);
        *b = (Block){ blocks, aligned_alloc(256, (bytes + 255) / 256 * 256), bytes, device };
        memset(b->start, 0xCD, bytes);
        blocks = b;
        used[device] += bytes;
        *pointer = b->start;
    }
    pthread_mutex_unlock(&lock);
    return bytes == 0 ? INVALID_VALUE : fits ? SUCCESS : OUT_OF_MEMORY;
}

int cuMemFree_v2(char* pointer)
{
    CONTEXT();
    int status = INVALID_VALUE;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < MOST_STREAMS; i++)
        if (streams[i] && streams[i]->context == current && streams[i]->done < streams[i]->handed) status = ILLEGAL_ADDRESS;      /* work that may use it is still to come */
    for (Block** b = &blocks; *b && status == INVALID_VALUE; b = &(*b)->next) {
        if ((*b)->start != pointer) continue;
        Block* gone = *b;
        used[gone->device] -= gone->bytes;
        *b = gone->next;
        free(gone->start);
        free(gone);
        status = SUCCESS;
        break;
    }
    pthread_mutex_unlock(&lock);
    return status;
}

int cuMemGetInfo_v2(size_t* available, size_t* total) { CONTEXT(); *total = (size_t)number("FAKE_CUDA_MEMORY", 1L << 30); *available = *total - used[current->device]; return SUCCESS; }
int cuMemHostAlloc(void** pointer, size_t bytes, unsigned flags) { CONTEXT(); (void)flags; *pointer = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096); return SUCCESS; }
int cuMemFreeHost(void* pointer) { CONTEXT(); free(pointer); return SUCCESS; }

int cuMemcpyHtoDAsync_v2(void* to, const void* from, size_t bytes, Stream* stream)
{
    CONTEXT();
    Work work = { .kind = COPY, .to = to, .from = from, .bytes = bytes };
    return owned(to, bytes) ? hand(stream, work) : INVALID_VALUE;
}

int cuMemcpyDtoHAsync_v2(void* to, const void* from, size_t bytes, Stream* stream)
{
    CONTEXT();
    Work work = { .kind = COPY, .to = to, .from = from, .bytes = bytes };
    return owned(from, bytes) ? hand(stream, work) : INVALID_VALUE;
}

static int set(void* to, uint64_t pattern, int size, size_t n, Stream* stream)
{
    Work work = { .kind = SET, .to = to, .bytes = n, .pattern = pattern, .size = size };
    return (uintptr_t)to % size || !owned(to, n * size) ? INVALID_VALUE : hand(stream, work);
}

int cuMemsetD8Async(void* to, unsigned char value, size_t n, Stream* stream) { CONTEXT(); return set(to, value, 1, n, stream); }
int cuMemsetD16Async(void* to, unsigned short value, size_t n, Stream* stream) { CONTEXT(); return set(to, value, 2, n, stream); }
int cuMemsetD32Async(void* to, unsigned value, size_t n, Stream* stream) { CONTEXT(); return set(to, value, 4, n, stream); }

/* ---------------------------------------------------------------- code */
int cuModuleLoadDataEx(Module** module, const char* image, unsigned options, int* names, void** values)
{
    CONTEXT();
    const char* refused = getenv("FAKE_CUDA_REFUSE");
    if (refused && *refused && !strncmp(image, refused, strlen(refused))) {
        for (unsigned i = 0; i < options; i++) if (names[i] == 5) strcpy(values[i], "ptxas fatal: made by a compiler from the future");
        return INVALID_IMAGE;
    }
    *module = calloc(1, sizeof **module);
    (*module)->context = current;
    (*module)->image = strdup(image);
    return SUCCESS;
}

int cuModuleUnload(Module* module) { CONTEXT(); free(module->image); free(module); return SUCCESS; }

int cuModuleGetFunction(Function** function, Module* module, const char* name)
{
    CONTEXT();
    if (!strstr(module->image, name)) return NOT_FOUND;
    *function = calloc(1, sizeof **function);
    (*function)->module = module;
    (*function)->shared_limit = 48 << 10;
    snprintf((*function)->name, sizeof (*function)->name, "%s", name);
    return SUCCESS;
}

int cuFuncSetAttribute(Function* function, int attribute, int value)
{
    CONTEXT();
    if (attribute != 8) return INVALID_VALUE;       /* MAX_DYNAMIC_SHARED_SIZE_BYTES */
    function->shared_limit = value;
    return SUCCESS;
}

int cuLaunchKernel(Function* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, Stream* stream, void** parameters, void** extra)
{
    CONTEXT();
    int status = (int)number("FAKE_CUDA_LAUNCH", 0);
    if (status) return status;
    if (function->module->context != current) return INVALID_CONTEXT;
    if (!gx || !gy || !gz || gy > 65535 || gz > 65535 || bx > 1024 || by != 1 || bz != 1 || extra || (int)shared > function->shared_limit) return INVALID_VALUE;
    /* Sizes of the parameters of the kernels that are run. */
    static const struct { const char* name; int sizes[9]; } known[] = {
        { "fill_u64", { 8, 8, 8, 8 } }, { "add_one", { 8, 8, 8 } }, { "find_fault", { 8, 4 } }, { "note_arguments", { 8, 8, 4, 8, 8, 1, 24, 8 } },
    };
    Work work = { .kind = LAUNCH };
    snprintf(work.name, sizeof work.name, "%s", function->name);
    for (unsigned k = 0; k < sizeof known / sizeof *known; k++) {
        if (strcmp(known[k].name, function->name)) continue;
        for (int i = 0, at = 0; known[k].sizes[i]; at += (known[k].sizes[i++] + 7) / 8 * 8) memcpy(work.arguments + at, parameters[i], known[k].sizes[i]);
    }
    return hand(stream, work);
}

/* ---------------------------------------------------------------- errors */
static const struct { int status; const char *name, *text; } errors[] = {
    { 0, "CUDA_SUCCESS", "no error" },
    { INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument" },
    { OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory" },
    { NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error" },
    { 34, "CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stub library" },
    { NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected" },
    { INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal" },
    { INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid" },
    { INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context" },
    { NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found" },
    { ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered" },
    { 719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure" },
    { 803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination" },
};

static int explain(int status, const char** text, int name)
{
    for (unsigned i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].status == status) { *text = name ? errors[i].name : errors[i].text; return SUCCESS; }
    *text = NULL;
    return INVALID_VALUE;
}

int cuGetErrorName(int status, const char** name) { return explain(status, name, 1); }
int cuGetErrorString(int status, const char** text) { return explain(status, text, 0); }
