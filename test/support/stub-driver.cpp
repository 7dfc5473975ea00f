// A libcuda.so.1 with one GPU that computes nothing: memory is the host's, and a launch of the kernel that STUB_FAILS names is an
// illegal access. What it does not define itself succeeds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {
constexpr int ILLEGAL_ADDRESS = 700;
constexpr int MULTIPROCESSORS = 16, MAJOR = 75, MINOR = 76;
}  // namespace

extern "C" {

int cuDriverGetVersion(int* version) { return *version = 13000, 0; }
int cuDeviceGetCount(int* count) { return *count = 1, 0; }
int cuDeviceGet(int* device, int index) { return *device = index, 0; }
int cuDeviceGetName(char* name, int length, int) { return std::strncpy(name, "Stub GPU", size_t(length)), 0; }
int cuDeviceTotalMem_v2(size_t* bytes, int) { return *bytes = size_t(80) << 30, 0; }
int cuDeviceGetAttribute(int* value, int attribute, int) {
  return *value = attribute == MAJOR ? 9 : attribute == MINOR ? 0 : attribute == MULTIPROCESSORS ? 132 : 1 << 17, 0;
}

int cuGetErrorName(int, const char** name) { return *name = "CUDA_ERROR_ILLEGAL_ADDRESS", 0; }
int cuGetErrorString(int, const char** text) { return *text = "an illegal memory access was encountered", 0; }

/** A function is its name. */
int cuModuleGetFunction(void** function, void*, const char* name) { return *function = strdup(name), 0; }
int cuLaunchKernelEx(const void*, void* function, void**, void**) {
  const char* const fails = std::getenv("STUB_FAILS");
  return fails != nullptr && std::strcmp(fails, static_cast<const char*>(function)) == 0 ? ILLEGAL_ADDRESS : 0;
}

int cuMemAlloc_v2(void** memory, size_t bytes) { return *memory = std::calloc(bytes, 1), 0; }
int cuMemHostAlloc(void** memory, size_t bytes, unsigned) { return *memory = std::calloc(bytes, 1), 0; }
/** Nothing that it is asked about is the device's. */
int cuPointerGetAttributes(unsigned, const int*, void**, unsigned long long) { return 1; }
}
