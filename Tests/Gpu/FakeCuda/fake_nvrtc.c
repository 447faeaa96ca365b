/* NVIDIA's run-time compiler without a compiler, for tests: its "code" is one line with the kind of code and the options, and then the source.
   A source with the word nonsense does not compile. Environment: FAKE_NVRTC_NEWEST (the newest architecture, 90), FAKE_NVRTC_OLDEST (50). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { char *source, *code, *log; int real; } Program;

static long compilations;
static int number(const char* name, int otherwise) { const char* text = getenv(name); return text && *text ? atoi(text) : otherwise; }

long fake_count(void) { return compilations; }

int nvrtcVersion(int* major, int* minor) { *major = 12; *minor = 4; return 0; }
const char* nvrtcGetErrorString(int status) { return status == 6 ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR"; }

static int architectures(int* list)
{
    static const int all[] = { 50, 60, 70, 75, 80, 86, 89, 90, 100, 120 };
    int n = 0;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] >= number("FAKE_NVRTC_OLDEST", 50) && all[i] <= number("FAKE_NVRTC_NEWEST", 90)) { if (list) list[n] = all[i]; n++; }
    return n;
}

int nvrtcGetNumSupportedArchs(int* count) { *count = architectures(NULL); return 0; }
int nvrtcGetSupportedArchs(int* list) { architectures(list); return 0; }

int nvrtcCreateProgram(Program** program, const char* source, const char* name, int headers, const char** texts, const char** names)
{
    if (!name || headers || texts || names) return 3;
    *program = calloc(1, sizeof **program);
    (*program)->source = strdup(source);
    (*program)->log = strdup("");
    return 0;
}

int nvrtcDestroyProgram(Program** program) { free((*program)->source); free((*program)->code); free((*program)->log); free(*program); *program = NULL; return 0; }

int nvrtcCompileProgram(Program* program, int count, const char** options)
{
    compilations++;
    if (strstr(program->source, "nonsense")) { program->log = strdup("wrong.cu(3): error: identifier \"nonsense\" is undefined\n"); return 6; }
    size_t size = strlen(program->source) + 1024;
    program->code = calloc(1, size);
    for (int i = 0; i < count; i++) if (!strncmp(options[i], "--gpu-architecture=sm_", 22)) program->real = 1;
    strcat(program->code, program->real ? "CUBIN" : "PTX");
    for (int i = 0; i < count; i++) { strcat(program->code, " "); strcat(program->code, options[i]); }
    strcat(program->code, "\n");
    strcat(program->code, program->source);
    return 0;
}

int nvrtcGetProgramLogSize(Program* program, size_t* bytes) { *bytes = strlen(program->log) + 1; return 0; }
int nvrtcGetProgramLog(Program* program, char* log) { strcpy(log, program->log); return 0; }
int nvrtcGetCUBINSize(Program* program, size_t* bytes) { *bytes = program->real ? strlen(program->code) + 1 : 0; return 0; }
int nvrtcGetCUBIN(Program* program, char* code) { strcpy(code, program->code); return 0; }
int nvrtcGetPTXSize(Program* program, size_t* bytes) { *bytes = strlen(program->code) + 1; return 0; }
int nvrtcGetPTX(Program* program, char* code) { strcpy(code, program->code); return 0; }
