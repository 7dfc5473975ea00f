#include "../../../../templates/cpu/lib/dot.h"

#include <bit>
#include <memory>

#include "report.h"

using ws::bf16;
using ws::f16;

namespace {

/** Rows whose memory ends exactly where the last one does, so that a sanitizer or a guard would see a read past it. */
template <class T>
struct Matrix {
  int rows, k;
  std::vector<T> data;
  std::vector<const T*> pointers;

  Matrix(int rows, int k, uint32_t seed) : rows(rows), k(k) {
    for (const float x : test::normals(static_cast<size_t>(rows) * k, seed)) data.push_back(ws::from_f32<T>(x));
    for (int row = 0; row < rows; ++row) pointers.push_back(data.data() + static_cast<size_t>(row) * k);
  }
  const T* const* from(int row) const { return pointers.data() + row; }
};

template <class A, class W>
double exact(const Matrix<A>& x, int i, const Matrix<W>& w, int j, double* size) {
  double sum = 0;
  *size = 0;
  for (int k = 0; k < x.k; ++k) {
    const double term = static_cast<double>(ws::to_f32(x.pointers[i][k])) * ws::to_f32(w.pointers[j][k]);
    sum += term;
    *size += std::fabs(term);
  }
  return sum;
}

struct Outcome {
  double error = 0;    // relative to the sum of absolute products
  int differing = 0;   // elements whose bits depend on m, n, the place in the tile or the kind of rows
  int overwritten = 0; // elements outside of the tile that were written
};

template <class A, class W>
void check(int k, Outcome& outcome) {
  constexpr int most_m = 19, most_n = 37, stride = 41;
  const Matrix<A> x(most_m, k, 1);
  const Matrix<W> w(most_n, k, 2);
  std::vector<float> all(most_m * stride);
  ws::dot_tile(x.from(0), most_m, w.from(0), most_n, k, all.data(), stride);
  for (int i = 0; i < most_m; ++i)
    for (int j = 0; j < most_n; ++j) {
      double size;
      const double sum = exact(x, i, w, j, &size);
      outcome.error = std::fmax(outcome.error, std::fabs(all[i * stride + j] - sum) / (size + 1e-30));
    }
  const auto compare = [&](const std::vector<float>& out, int i0, int m, int j0, int n) {
    for (int i = 0; i < most_m; ++i)
      for (int j = 0; j < stride; ++j) {
        const uint32_t got = std::bit_cast<uint32_t>(out[i * stride + j]);
        if (i >= m || j >= n) outcome.overwritten += got != 0x7fc12345u;
        else outcome.differing += got != std::bit_cast<uint32_t>(all[(i0 + i) * stride + j0 + j]);
      }
  };
  const std::vector<float> poison(most_m * stride, std::bit_cast<float>(0x7fc12345u));
  for (const int m : {1, 2, 3, 4, 5, 6, 7, 8, 16})
    for (const int n : {1, 2, 3, 5, 8, 15, 16, 17, 31, 33}) {
      const int i0 = (m * 7 + n) % (most_m - m + 1), j0 = (n * 5 + m) % (most_n - n + 1);
      std::vector<float> out = poison;
      ws::dot_tile(x.from(i0), m, w.from(j0), n, k, out.data(), stride);
      compare(out, i0, m, j0, n);
      if constexpr (std::is_same_v<A, W> && std::is_same_v<A, bf16>) {
        out = poison;
        const ws::StridedRows<A> rows{x.pointers[i0], k};
        const ws::StridedRows<W> columns{w.pointers[j0], k};
        ws::dot_tile(rows, m, columns, n, k, out.data(), stride);
        compare(out, i0, m, j0, n);
      }
    }
}

template <class A, class W>
void cover(test::Report& report, const char* name) {
  Outcome outcome;
  for (const int k : {1, 7, 31, 32, 33, 64, 576, 1700}) check<A, W>(k, outcome);
  char label[64];
  std::snprintf(label, sizeof(label), "%s_error", name);
  report(label, outcome.error);
  std::snprintf(label, sizeof(label), "%s_differing", name);
  report(label, outcome.differing + outcome.overwritten);
}

}  // namespace

int main() {
  test::Report report;
  cover<bf16, bf16>(report, "bf16_bf16");
  cover<f16, f16>(report, "f16_f16");
  cover<float, float>(report, "f32_f32");
  cover<float, bf16>(report, "f32_bf16");
  cover<bf16, float>(report, "bf16_f32");
  cover<f16, bf16>(report, "f16_bf16");
}
