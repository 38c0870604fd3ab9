#include "COnnxRuntime.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

typedef void (*AnyFunction)(void);

typedef struct {
    const AnyFunction *(*GetApi)(uint32_t version);
    const char *(*GetVersionString)(void);
} OrtApiBase;

// The API's number is the release's minor version: 1.21 serves API 21 and all before.
static long minor_version(const char *version) {
    const char *dot = strchr(version, '.');
    return dot ? strtol(dot + 1, NULL, 10) : 0;
}

OrtOpening ort_open(const char *path, OrtFunctions *functions, const char **version) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return ORT_NOT_LOADABLE;
    const OrtApiBase *(*get_base)(void);
    get_base = (const OrtApiBase *(*)(void))dlsym(library, "OrtGetApiBase");
    if (!get_base) {
        dlclose(library);
        return ORT_NOT_THE_LIBRARY;
    }
    *version = get_base()->GetVersionString();
    // Asked for an API that it lacks, the library prints to standard error: look before asking.
    if (minor_version(*version) < ORT_API_REQUIRED) return ORT_TOO_OLD;
    const AnyFunction *table = get_base()->GetApi(ORT_API_REQUIRED);
    if (!table) return ORT_TOO_OLD;
#define ORT_LOOK_UP(index, result, name, parameters) \
    functions->name = (result(*) parameters)table[index];
    ORT_ENTRIES(ORT_LOOK_UP)
#undef ORT_LOOK_UP
    return ORT_OPENED;
}

const char *ort_instruction_set(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512vnni")) return "avx512-vnni";
    if (__builtin_cpu_supports("avx512f")) return "avx512";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "avx2";
    if (__builtin_cpu_supports("avx")) return "avx";
    return "sse2";
#elif defined(__aarch64__)
    const unsigned long scalable_matrices = 1ul << 23; // HWCAP2_SME
    return getauxval(AT_HWCAP2) & scalable_matrices ? "neon-sme" : "neon";
#else
    return "baseline";
#endif
}
