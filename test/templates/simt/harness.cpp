// Runs one kernel of the tests on the simulated GPU: `harness KERNEL THREADS BLOCKS SHARED_BYTES`, its input on stdin, what came of
// it on stdout as JSON.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "lib/simt_simulator.h"

extern const simt::Kernel test_kernels[];

namespace {

constexpr size_t out_words = 1024;

std::vector<char> read_input() {
  std::vector<char> bytes;
  char part[4096];
  for (size_t count = 0; (count = std::fread(part, 1, sizeof part, stdin)) > 0;) bytes.insert(bytes.end(), part, part + count);
  return bytes;
}

uintptr_t allocate(size_t bytes, const char* name) {
  const uintptr_t memory = simt::memory.allocate(bytes);
  simt::memory.set_extent(memory, bytes, bytes, name);
  return memory;
}

const simt::Kernel* find(const char* name) {
  for (const simt::Kernel* kernel = test_kernels; kernel->name != nullptr; ++kernel)
    if (std::strcmp(kernel->name, name) == 0) return kernel;
  return nullptr;
}

}  // namespace

int main(int, char** arguments) {
  const simt::Kernel* const kernel = find(arguments[1]);
  if (kernel == nullptr) return 1;
  const std::vector<char> input = read_input();
  uintptr_t in = allocate(input.size(), "in");
  uintptr_t out = allocate(out_words * 4, "out");
  std::memcpy(reinterpret_cast<void*>(in), input.data(), input.size());
  std::memset(reinterpret_cast<void*>(out), 0, out_words * 4);
  void* values[] = {&in, &out};
  const simt::Grid grid{{uint32_t(std::atoi(arguments[3])), 1, 1}, {uint32_t(std::atoi(arguments[2])), 1, 1}, uint32_t(std::atoi(arguments[4]))};
  const simt::Fault fault = simt::run(*kernel, grid, values);
  std::printf("{\"fault\":\"%s\",\"text\":\"%s\",\"out\":[", simt::name_of(fault.kind), fault.text.c_str());
  for (size_t i = 0; i < out_words; ++i) std::printf(i == 0 ? "%u" : ",%u", reinterpret_cast<const uint32_t*>(out)[i]);
  std::printf("]}\n");
}
