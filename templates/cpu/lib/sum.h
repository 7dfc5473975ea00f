// Sums whose order follows from their length alone. `#pragma omp simd reduction` would leave it to the compiler, which chooses
// by what else a kernel holds and what the machine's vectors are, so that a fused chain would differ in its last bits.
#pragma once

#include <cstring>

/** On the lambda given to `sum_of`: it must melt into the loop for the loop to become vector code. */
#define WS_INLINE __attribute__((always_inline))

namespace ws {

/** term(0) + … + term(n - 1): term i goes into running sum i mod 16, and the sixteen are added by halves. */
template <class Term>
WS_INLINE inline float sum_of(int n, const Term& term) {
  typedef float sixteen __attribute__((vector_size(64)));
  sixteen sums = {};
  // Through memory and back once a turn, off the chain of additions.
  alignas(64) float terms[16];
  const auto add = [&] WS_INLINE {
    sixteen loaded;
    std::memcpy(&loaded, terms, sizeof loaded);
    sums += loaded;
  };
  int i = 0;
  for (; i + 16 <= n; i += 16) {
#pragma omp simd
    for (int lane = 0; lane < 16; ++lane) terms[lane] = term(i + lane);
    add();
  }
  if (i < n) {
    for (float& value : terms) value = 0.0f;
#pragma omp simd
    for (int lane = 0; lane < n - i; ++lane) terms[lane] = term(i + lane);
    add();
  }
  float halves[16];
  std::memcpy(halves, &sums, sizeof halves);
  for (int half = 8; half > 0; half /= 2)
    for (int lane = 0; lane < half; ++lane) halves[lane] += halves[lane + half];
  return halves[0];
}

}  // namespace ws
