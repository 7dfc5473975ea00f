// Appends random bf16 tensors to a file: `random-weights FILE`, then a line a tensor on standard input:
//   seed elements offset spread
// Element i is offset + spread * (2 u - 1), u the uniform draw of lib/philox.h for (seed, high word of i, low word of i).
// bench/random-checkpoint.ts says the same in TypeScript.
#include <cinttypes>
#include <cstdio>
#include <vector>

#include "../../templates/cpu/lib/philox.h"
#include "../../templates/cpu/lib/types.h"

namespace {

constexpr int64_t chunk = 1 << 20;

bool write_tensor(std::FILE* file, int32_t seed, int64_t elements, float offset, float spread) {
  std::vector<ws::bf16> values(chunk);
  for (int64_t begin = 0; begin < elements; begin += chunk) {
    const int64_t count = elements - begin < chunk ? elements - begin : chunk;
    const int32_t high = static_cast<int32_t>(begin >> 32);  // a chunk never crosses 2^32: its size divides that
    const uint32_t low = static_cast<uint32_t>(begin);
#pragma omp simd
    for (int64_t i = 0; i < count; ++i) {
      const float u = ws::ws_uniform(seed, high, static_cast<int32_t>(low + static_cast<uint32_t>(i)));
      values[i] = ws::to_bf16(offset + spread * (2.0f * u - 1.0f));
    }
    if (std::fwrite(values.data(), sizeof(ws::bf16), static_cast<size_t>(count), file) != static_cast<size_t>(count)) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::FILE* const file = argc == 2 ? std::fopen(argv[1], "ab") : nullptr;
  if (file == nullptr) return 1;
  int32_t seed;
  int64_t elements;
  float offset, spread;
  while (std::scanf("%" SCNd32 " %" SCNd64 " %f %f", &seed, &elements, &offset, &spread) == 4)
    if (!write_tensor(file, seed, elements, offset, spread)) return 1;
  return std::fclose(file) == 0 ? 0 : 1;
}
