#include "../../../../templates/cpu/lib/accumulate.h"

#include <bit>

#include "report.h"

namespace {

/** Elements that are not the fused sums in ascending order of jj, bit for bit, for every m and d; what lies beside stays. */
template <class V>
int differing() {
  constexpr int j = 37, most_d = 100, stride = 101, most_m = 9, p_stride = 40;
  const std::vector<float> p = test::normals(most_m * p_stride, 3);
  const std::vector<float> start = test::normals(most_m * stride, 4);
  int different = 0;
  for (const int d : {1, 5, 16, 17, 64, 80, 100}) {
    std::vector<V> values;  // exactly j rows of d
    for (const float x : test::normals(static_cast<size_t>(j) * d, 5)) values.push_back(ws::from_f32<V>(x));
    std::vector<const V*> rows;
    for (int jj = 0; jj < j; ++jj) rows.push_back(values.data() + jj * d);
    for (int m = 1; m <= most_m; ++m) {
      std::vector<float> acc = start;
      ws::accumulate_rows(p.data(), p_stride, m, rows.data(), j, d, acc.data(), stride);
      for (int i = 0; i < most_m; ++i)
        for (int c = 0; c < stride; ++c) {
          float sum = start[i * stride + c];
          if (i < m && c < d)
            for (int jj = 0; jj < j; ++jj) sum = ws::fused(p[i * p_stride + jj], ws::to_f32(rows[jj][c]), sum);
          different += std::bit_cast<uint32_t>(sum) != std::bit_cast<uint32_t>(acc[i * stride + c]);
        }
    }
  }
  static_assert(most_d < stride);
  return different;
}

}  // namespace

int main() {
  test::Report report;
  report("bf16", differing<ws::bf16>());
  report("f16", differing<ws::f16>());
  report("f32", differing<float>());

  std::vector<float> acc = {1, 2, 3, 4, 5, 6};
  const float factor[] = {2, 0.5f};
  ws::scale_rows(acc.data(), 2, 2, 3, factor);
  report("scaled", acc == std::vector<float>{2, 4, 3, 2, 2.5f, 6});
}
