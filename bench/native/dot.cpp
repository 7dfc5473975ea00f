// Measures templates/cpu/lib/dot.h against this machine: the peak of the multiply instruction on registers and the rate of
// a read loop, in the same run, on the same threads. Prints one JSON object.
//   g++ -std=c++20 -O3 -march=native -ffp-contract=off -fno-math-errno -fno-trapping-math -pthread bench/native/dot.cpp
#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "../../templates/cpu/lib/dot.h"
#include "../../templates/cpu/lib/pool.h"
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

/** Bytes of weights a second: m rows times the matrices [n, k] of the whole set, in blocks of rows as kernels take them. */
double stream(const Weights& weights, int m, int n, int k) {
  constexpr int w_rows = ws::DotBlocking<bf16, bf16>::wRows;
  const int layers = static_cast<int>(weight_bytes / 2 / n / k);
  std::vector<float> out(static_cast<size_t>(m) * n);
  const double seconds = measure::seconds([&](int rank) {
    const ws::Range part = ws::share(n, rank, measure::cores());
    const bf16 *x[64], *w[w_rows];
    for (int i = 0; i < m; ++i) x[i] = weights.data.data() + static_cast<int64_t>(i) * k;
    for (int layer = 0; layer < layers; ++layer)
      for (int64_t j = part.begin; j < part.end; j += w_rows) {
        const int rows = static_cast<int>(std::min<int64_t>(w_rows, part.end - j));
        for (int r = 0; r < rows; ++r) w[r] = weights.data.data() + (static_cast<int64_t>(layer) * n + j + r) * k;
        ws::dot_tile(x, m, w, rows, k, out.data() + j, n);
      }
  });
  return static_cast<double>(layers) * n * k * 2 / seconds;
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
  std::printf("{\"cores\":%d,\"readBytesPerSecond\":%.0f,\"matrixFlops\":%.0f,\n", measure::cores(), bandwidth, peak);
  std::printf(" \"streamed\":[");
  const char* separator = "";
  for (const auto& [n, k] : {std::pair{1536, 576}, {49152, 576}, {576, 1536}}) {
    const double one = stream(weights, 1, n, k);
    for (const int m : {1, 2, 4, 8, 16, 32}) {
      const double rate = m == 1 ? one : stream(weights, m, n, k);
      std::printf("%s\n  {\"m\":%d,\"n\":%d,\"k\":%d,\"shareOfRead\":%.2f,\"rowsPerSecondOverOne\":%.2f}", separator, m, n, k,
                  rate / bandwidth, m * rate / one);
      separator = ",";
    }
  }
  std::printf("],\n \"blocked\":[");
  separator = "";
  for (const int m : {16, 64, 512})
    for (const auto& [n, k] : {std::pair{1536, 576}, {576, 1536}, {512, 64}}) {
      const double flops = product(weights, m, n, k);
      std::printf("%s\n  {\"m\":%d,\"n\":%d,\"k\":%d,\"flops\":%.0f,\"shareOfPeak\":%.2f}", separator, m, n, k, flops,
                  flops / peak);
      separator = ",";
    }
  std::printf("],\n \"readBytesPerSecondAfter\":%.0f,\"matrixFlopsAfter\":%.0f}\n", measure::read_bandwidth(),
              measure::matrix_peak().flops);
}
