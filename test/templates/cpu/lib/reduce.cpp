// Generated code sums rows by `#pragma omp simd reduction(+:s)`. Its order is the compiler's choice, and must be a function
// of the row's length alone: not of its address, its place in a matrix, or the thread.
#include <cstring>

#include "../../../../templates/cpu/lib/pool.h"
#include "../../../../templates/cpu/lib/types.h"
#include "report.h"

namespace {

template <class T>
[[gnu::noinline]] float sum_of_squares(const T* row, int n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int i = 0; i < n; ++i) {
    const float x = ws::to_f32(row[i]);
    sum += x * x;
  }
  return sum;
}

template <class T>
int differing() {
  int different = 0;
  for (const int n : {1, 15, 64, 100, 576, 1537}) {
    std::vector<T> row;
    for (const float x : test::normals(static_cast<size_t>(n), 21)) row.push_back(ws::from_f32<T>(x));
    const float expected = sum_of_squares(row.data(), n);
    std::vector<T> moved(static_cast<size_t>(n) + 40);
    for (int offset = 0; offset < 40; ++offset) {
      std::memcpy(moved.data() + offset, row.data(), sizeof(T) * static_cast<size_t>(n));
      different += sum_of_squares(moved.data() + offset, n) != expected;
    }
    ws::Pool pool(2);
    float other[2];
    pool.run([&](int rank, int) { other[rank] = sum_of_squares(row.data(), n); });
    different += (other[0] != expected) + (other[1] != expected);
  }
  return different;
}

}  // namespace

int main() {
  test::Report report;
  report("bf16", differing<ws::bf16>());
  report("f16", differing<ws::f16>());
  report("f32", differing<float>());
}
