/* The kernels' dialect on a processor, with warps and the instructions of sm80.cuh, from the PTX ISA's description of their fragments. Work items are fibers:
   each runs until it has to wait for others, so what a missing barrier would let through is read too early. Shared memory starts as NaN, and asynchronous
   copies are made no sooner than they are waited for. */
#include <ucontext.h>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

typedef int8_t i8;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef long long i64;
typedef unsigned long long u64;

/* ---------------------------------------------------------------- work items */
enum { MOST_ITEMS = 1024, WARP = 32, STACK = 256 << 10, SHARED_BYTES = 227 << 10, MOST_COPIES = 256 };

struct Copy { u32 to; const void* from; int bytes; int group; };

struct Item {
    ucontext_t context;
    bool done;
    Copy copies[MOST_COPIES];
    int pending, committed;
};

struct Meeting { int arrived; unsigned turn; };

static Item items[MOST_ITEMS];
static char* stacks;
static ucontext_t scheduler;
static int current, group_size;
static i64 group_x;
static Meeting group_meeting, warp_meetings[MOST_ITEMS / WARP];
static u8* shared_memory;

static void yield() { swapcontext(&items[current].context, &scheduler); }

/* Waits for `count` work items; the last one does the work of all. */
template <typename Act> static void together(Meeting& meeting, int count, Act act)
{
    const unsigned turn = meeting.turn;
    if (++meeting.arrived == count) {
        act();
        meeting.arrived = 0;
        meeting.turn++;
    }
    else while (meeting.turn == turn) yield();
}

/* ---------------------------------------------------------------- the dialect */
#define KERNEL(group) static void
#define GLOBAL
#define LOCAL
#define SHARED        static
#define DEVICE        static inline
#define RESTRICT
#define UNROLL
#define ITEM          current
#define GROUP_X       group_x
#define BARRIER()     together(group_meeting, group_size, [] {})
#define IN(type, name)  GLOBAL const type* name##_buffer, i64 name##_offset
#define OUT(type, name) GLOBAL type* name##_buffer, i64 name##_offset
#define R(x) ((float)(x))
static float real_max(float a, float b) { return a != a || b != b ? a + b : a > b ? a : b; }

/* ---------------------------------------------------------------- sm80.cuh */
#define SM80

static u32 shared_start() { return 0; }

static void cp_async16(u32 to, const void* from, int bytes)
{
    Item& item = items[current];
    if (to % 16 != 0 || (uintptr_t)from % 16 != 0 || to + 16 > SHARED_BYTES || item.pending == MOST_COPIES) abort();
    item.copies[item.pending++] = { to, from, bytes, item.committed };
}

static void cp_async_commit() { items[current].committed++; }

static void cp_async_wait(int groups)
{
    Item& item = items[current];
    int left = 0;
    for (int i = 0; i < item.pending; i++) {
        const Copy copy = item.copies[i];
        if (copy.group >= item.committed - groups) { item.copies[left++] = copy; continue; }
        memset(shared_memory + copy.to, 0, 16);
        memcpy(shared_memory + copy.to, copy.from, copy.bytes);
    }
    item.pending = left;
}
#define CP_ASYNC_WAIT(groups) cp_async_wait(groups)

static u32 addresses[MOST_ITEMS];
static void ldmatrix_x4(u32* r, u32 address)
{
    const int warp = current / WARP, lane = current % WARP;
    if (address % 16 != 0 || address + 16 > SHARED_BYTES) abort();
    addresses[current] = address;
    static u32 words[MOST_ITEMS][4];
    together(warp_meetings[warp], WARP, [=] {
        for (int l = 0; l < WARP; l++)
            for (int matrix = 0; matrix < 4; matrix++)
                memcpy(&words[warp * WARP + l][matrix], shared_memory + addresses[warp * WARP + 8 * matrix + l / 4] + 4 * (l % 4), 4);
    });
    (void)lane;
    for (int matrix = 0; matrix < 4; matrix++) r[matrix] = words[current][matrix];
}

struct Fragments { float* c; const u32 *a, *b; };
static Fragments fragments[MOST_ITEMS];

static float number(u32 bits) { float value; memcpy(&value, &bits, 4); return value; }

/* C [16, 8] += A [16, depth] B [depth, 8], with the elements where `a` and `b` say that the work items have them. */
template <typename A, typename B> static void multiply(int depth, float* c, const u32* a, const u32* b, A element_a, B element_b)
{
    const int first = current / WARP * WARP;
    fragments[current] = { c, a, b };
    together(warp_meetings[current / WARP], WARP, [=] {
        for (int l = 0; l < WARP; l++)
            for (int i = 0; i < 4; i++) {
                const int row = l / 4 + i / 2 * 8, column = l % 4 * 2 + i % 2;
                double sum = fragments[first + l].c[i];
                for (int k = 0; k < depth; k++) sum += (double)element_a(first, row, k) * element_b(first, k, column);
                fragments[first + l].c[i] = (float)sum;
            }
    });
}

/* Of 32-bit words the tensor cores see the upper 19 bits. */
static void mma_tf32(float* c, const u32* a, const u32* b)
{
    multiply(8, c, a, b,
        [](int first, int row, int k) { return number(fragments[first + row % 8 * 4 + k % 4].a[row / 8 + k / 4 * 2] & 0xFFFFE000u); },
        [](int first, int k, int column) { return number(fragments[first + column * 4 + k % 4].b[k / 4] & 0xFFFFE000u); });
}

static void mma_bf16(float* c, const u32* a, const u32* b)
{
    multiply(16, c, a, b,
        [](int first, int row, int k) { return number(fragments[first + row % 8 * 4 + k % 8 / 2].a[row / 8 + k / 8 * 2] >> k % 2 * 16 << 16); },
        [](int first, int k, int column) { return number(fragments[first + column * 4 + k % 8 / 2].b[k / 8] >> k % 2 * 16 << 16); });
}

/* ---------------------------------------------------------------- running */
static void (*body)();
static void start_item() { body(); items[current].done = true; yield(); }

/* Runs groups of `size` work items one after another; `backwards` takes turns from the last item to the first. */
static void run_groups(i64 groups, int size, int backwards, void (*item)())
{
    body = item;
    group_size = size;
    stacks = (char*)malloc((size_t)size * STACK);
    shared_memory = (u8*)aligned_alloc(128, (SHARED_BYTES + 127) / 128 * 128);
    for (group_x = 0; group_x < groups; group_x++) {
        memset(shared_memory, 0xFF, SHARED_BYTES);
        for (int i = 0; i < size; i++) {
            getcontext(&items[i].context);
            items[i].context.uc_stack.ss_sp = stacks + (size_t)i * STACK;
            items[i].context.uc_stack.ss_size = STACK;
            items[i].context.uc_link = nullptr;
            items[i].done = false;
            items[i].pending = items[i].committed = 0;
            makecontext(&items[i].context, start_item, 0);
        }
        for (int left = size; left > 0; )
            for (int i = 0; i < size; i++) {
                current = backwards ? size - 1 - i : i;
                if (items[current].done) continue;
                swapcontext(&scheduler, &items[current].context);
                left -= items[current].done;
            }
    }
    free(stacks);
    free(shared_memory);
}
