// The part of ONNX Runtime's C interface that this program calls.
//
// The library exports one function, OrtGetApiBase, whose table hands out a larger table of
// function pointers. That table only ever grows at its end, so an entry is known for good by its
// index and its type: every release since 1.21 (API 21) serves these declarations unchanged. The
// library is opened at run time, never linked: its symbol carries the release's version, and a
// build then needs nothing installed.

#ifndef C_ONNX_RUNTIME_H
#define C_ONNX_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

typedef struct OrtAllocator OrtAllocator;
typedef struct OrtEnv OrtEnv;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtStatus OrtStatus;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtValue OrtValue;

enum { ORT_API_REQUIRED = 21 };
enum { ORT_LOG_FATAL = 4 };
enum { ORT_OPTIMIZE_ALL = 99 };
enum { ORT_VALUE_IS_TENSOR = 1 };
enum { ORT_ELEMENT_FLOAT32 = 1 };
enum { ORT_ARENA_ALLOCATOR = 1 };
enum { ORT_MEMORY_DEFAULT = 0 };

// index, result, name, parameters. A returned status is null on success, else owned by the caller.
#define ORT_ENTRIES(ENTRY)                                                                        \
    ENTRY(2, const char *, GetErrorMessage, (const OrtStatus *))                                  \
    ENTRY(3, OrtStatus *, CreateEnv, (int severity, const char *name, OrtEnv **))                 \
    ENTRY(8, OrtStatus *, CreateSessionFromArray,                                                 \
          (OrtEnv *, const void *model, size_t bytes, const OrtSessionOptions *, OrtSession **))  \
    ENTRY(9, OrtStatus *, Run,                                                                    \
          (OrtSession *, const OrtRunOptions *, const char *const *input_names,                   \
           const OrtValue *const *inputs, size_t input_count, const char *const *output_names,    \
           size_t output_count, OrtValue **outputs))                                              \
    ENTRY(10, OrtStatus *, CreateSessionOptions, (OrtSessionOptions **))                          \
    ENTRY(23, OrtStatus *, SetSessionGraphOptimizationLevel, (OrtSessionOptions *, int level))    \
    ENTRY(24, OrtStatus *, SetIntraOpNumThreads, (OrtSessionOptions *, int threads))              \
    ENTRY(25, OrtStatus *, SetInterOpNumThreads, (OrtSessionOptions *, int threads))              \
    ENTRY(30, OrtStatus *, SessionGetInputCount, (const OrtSession *, size_t *))                  \
    ENTRY(31, OrtStatus *, SessionGetOutputCount, (const OrtSession *, size_t *))                 \
    ENTRY(33, OrtStatus *, SessionGetInputTypeInfo, (const OrtSession *, size_t, OrtTypeInfo **)) \
    ENTRY(34, OrtStatus *, SessionGetOutputTypeInfo, (const OrtSession *, size_t, OrtTypeInfo **)) \
    ENTRY(36, OrtStatus *, SessionGetInputName,                                                   \
          (const OrtSession *, size_t, OrtAllocator *, char **))                                  \
    ENTRY(37, OrtStatus *, SessionGetOutputName,                                                  \
          (const OrtSession *, size_t, OrtAllocator *, char **))                                  \
    ENTRY(49, OrtStatus *, CreateTensorWithDataAsOrtValue,                                        \
          (const OrtMemoryInfo *, void *data, size_t bytes, const int64_t *shape, size_t rank,    \
           int element_type, OrtValue **))                                                        \
    ENTRY(55, OrtStatus *, CastTypeInfoToTensorInfo,                                              \
          (const OrtTypeInfo *, const OrtTensorTypeAndShapeInfo **))                              \
    ENTRY(56, OrtStatus *, GetOnnxTypeFromTypeInfo, (const OrtTypeInfo *, int *))                 \
    ENTRY(60, OrtStatus *, GetTensorElementType, (const OrtTensorTypeAndShapeInfo *, int *))      \
    ENTRY(61, OrtStatus *, GetDimensionsCount, (const OrtTensorTypeAndShapeInfo *, size_t *))     \
    ENTRY(62, OrtStatus *, GetDimensions,                                                         \
          (const OrtTensorTypeAndShapeInfo *, int64_t *, size_t))                                 \
    ENTRY(65, OrtStatus *, GetTensorTypeAndShape,                                                 \
          (const OrtValue *, OrtTensorTypeAndShapeInfo **))                                       \
    ENTRY(69, OrtStatus *, CreateCpuMemoryInfo, (int allocator, int memory, OrtMemoryInfo **))    \
    ENTRY(76, OrtStatus *, AllocatorFree, (OrtAllocator *, void *))                               \
    ENTRY(78, OrtStatus *, GetAllocatorWithDefaultOptions, (OrtAllocator **))                     \
    ENTRY(92, void, ReleaseEnv, (OrtEnv *))                                                       \
    ENTRY(93, void, ReleaseStatus, (OrtStatus *))                                                 \
    ENTRY(94, void, ReleaseMemoryInfo, (OrtMemoryInfo *))                                         \
    ENTRY(95, void, ReleaseSession, (OrtSession *))                                               \
    ENTRY(96, void, ReleaseValue, (OrtValue *))                                                   \
    ENTRY(98, void, ReleaseTypeInfo, (OrtTypeInfo *))                                             \
    ENTRY(99, void, ReleaseTensorTypeAndShapeInfo, (OrtTensorTypeAndShapeInfo *))                 \
    ENTRY(100, void, ReleaseSessionOptions, (OrtSessionOptions *))                                \
    ENTRY(130, OrtStatus *, AddSessionConfigEntry,                                                \
          (OrtSessionOptions *, const char *key, const char *value))

#define ORT_FIELD(index, result, name, parameters) result(*name) parameters;
typedef struct OrtFunctions {
    ORT_ENTRIES(ORT_FIELD)
} OrtFunctions;
#undef ORT_FIELD

typedef enum OrtOpening {
    ORT_OPENED,
    ORT_NOT_LOADABLE,    // the system could not load the file: see dlerror()
    ORT_NOT_THE_LIBRARY, // it was loaded, but exports no OrtGetApiBase
    ORT_TOO_OLD,         // it serves no API 21
} OrtOpening;

// Opens the library at `path`, for the life of the process, and fills `functions`.
// `version` receives the library's version, a static string, unless it could not be asked.
OrtOpening ort_open(const char *path, OrtFunctions *functions, const char **version);

// The widest instruction set of this processor among those between which the runtime's float32
// kernels are chosen, and which may therefore change the last bits of a logit.
const char *ort_instruction_set(void);

#endif
