// Measures templates/cpu/lib/dot.h against this machine: the peak of the multiply instruction on registers and the rate of
// a read loop, in the same run, on the same threads. Prints one JSON object.
//   g++ -std=c++20 -O3 -march=native -ffp-contract=off -fno-math-errno -fno-trapping-math -pthread bench/native/dot.cpp
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "../../templates/cpu/lib/dot.h"
#include "measure.h"

using ws::bf16;

namespace {

constexpr int64_t weight_bytes = int64_t{270} << 20;

struct Weights {
  std::vector<bf16> data;
  Weights() : data(static_cast<size_t>(weight_bytes / 2)) {
    uint32_t state = 1;
    for (bf16& x : data) {
      state = state * 1664525u + 1013904223u;
      x = ws::to_bf16(static_cast<float>(static_cast<int32_t>(state)) * 0x1p-31f);
    }
  }
};

/** Seconds for all threads to multiply m rows with `layers` matrices [N, K], one after the other through the whole set. */
double stream(const Weights& weights, int m, int n, int k) {
  const int layers = static_cast<int>(weight_bytes / 2 / n / k);
  const int threads = measure::cores();
  std::vector<float> out(static_cast<size_t>(m) * n);
  return measure::seconds([&](int rank) {
    const int begin = n * rank / threads, end = n * (rank + 1) / threads;
    for (int layer = 0; layer < layers; ++layer) {
      const ws::StridedRows<bf16> x{weights.data.data(), k};
      const ws::StridedRows<bf16> w{weights.data.data() + (static_cast<int64_t>(layer) * n + begin) * k, k};
      ws::dot_tile(x, m, w, end - begin, k, out.data() + begin, n);
    }
  }) / (static_cast<double>(layers) * n * k * 2);
}

/** FLOP/s of the blocked product [m, k] x [n, k], weights in the second-level cache by blocks. */
double product(const Weights& weights, int m, int n, int k) {
  const int threads = measure::cores();
  constexpr int x_rows = ws::DotBlocking<bf16, bf16>::xRows, w_rows = ws::DotBlocking<bf16, bf16>::wRows;
  const int repeat = std::max(1, static_cast<int>(4e9 / (2.0 * m * n * k)));
  std::vector<float> out(static_cast<size_t>(m) * n);
  const double seconds = measure::seconds([&](int rank) {
    const int begin = n * rank / threads, end = n * (rank + 1) / threads;
    for (int pass = 0; pass < repeat; ++pass)
      for (int j = begin; j < end; j += w_rows)
        for (int i = 0; i < m; i += x_rows) {
          const ws::StridedRows<bf16> x{weights.data.data() + static_cast<int64_t>(i) * k, k};
          const ws::StridedRows<bf16> w{weights.data.data() + (4096 + static_cast<int64_t>(j)) * k, k};
          ws::dot_tile(x, std::min(x_rows, m - i), w, std::min(w_rows, end - j), k,
                       out.data() + static_cast<int64_t>(i) * n + j, n);
        }
  });
  return 2.0 * m * n * k * repeat / seconds;
}

}  // namespace

int main() {
  const Weights weights;
  const double bandwidth = measure::read_bandwidth();
  const double peak = measure::matrix_peak().flops;
  std::printf("{\n  \"cores\": %d, \"read_gb_per_s\": %.1f, \"peak_gflops\": %.1f,\n", measure::cores(), bandwidth * 1e-9,
              peak * 1e-9);
  for (const auto& [n, k] : {std::pair{1536, 576}, {49152, 576}, {576, 1536}}) {
    const double one = 1.0 / stream(weights, 1, n, k);
    const double eight = 1.0 / stream(weights, 8, n, k);
    std::printf("  \"gemv_%d_%d\": {\"share_of_read\": %.2f, \"m2\": %.2f, \"m4\": %.2f, \"m5\": %.2f, \"m8\": %.2f, \"m16\": %.2f, \"m32\": %.2f},\n", n, k,
                one / bandwidth, 2 / stream(weights, 2, n, k) / one, 4 / stream(weights, 4, n, k) / one, 5 / stream(weights, 5, n, k) / one,
                8 * eight / one, 16 / stream(weights, 16, n, k) / one, 32 / stream(weights, 32, n, k) / one);
  }
  for (const int m : {16, 64, 128, 512})
    for (const auto& [n, k] : {std::pair{1536, 576}, {3072, 576}, {576, 1536}, {512, 64}})
      std::printf("  \"product_%d_%d_%d\": {\"gflops\": %.1f, \"share_of_peak\": %.2f},\n", m, n, k,
                  product(weights, m, n, k) * 1e-9, product(weights, m, n, k) / peak);
  std::printf("  \"read_again_gb_per_s\": %.1f, \"peak_again_gflops\": %.1f\n}\n", measure::read_bandwidth() * 1e-9,
              measure::matrix_peak().flops * 1e-9);
}
