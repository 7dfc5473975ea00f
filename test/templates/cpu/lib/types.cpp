#include "../../../../templates/cpu/lib/types.h"

#include <bit>
#include <cstring>

#include "report.h"

using ws::bf16;
using ws::f16;

namespace {

float of_bits(uint32_t bits) { return std::bit_cast<float>(bits); }

/** Nearest representable value with ties to even, found by its definition: the two neighbours in double. */
template <class T>
bool nearest(float x) {
  const uint16_t got = ws::from_f32<T>(x).bits;
  const double value = ws::to_f32(T{got});
  if (std::isnan(x)) return std::isnan(value);
  if (std::isinf(value)) {
    const double largest = ws::to_f32(T{static_cast<uint16_t>((got & 0x7fffu) - 1)});
    const double below = ws::to_f32(T{static_cast<uint16_t>((got & 0x7fffu) - 2)});
    return std::isinf(x) || std::fabs(static_cast<double>(x)) >= largest + (largest - below) / 2;
  }
  const double error = std::fabs(value - x);
  for (const int step : {-1, 1}) {
    const uint16_t other = static_cast<uint16_t>(got + step);
    const double neighbour = ws::to_f32(T{other});
    if ((other ^ got) & 0x8000u || std::isnan(neighbour) || std::isinf(neighbour)) continue;
    const double other_error = std::fabs(neighbour - x);
    if (other_error < error || (other_error == error && (got & 1u) != 0u)) return false;
  }
  return std::signbit(static_cast<float>(value)) == std::signbit(x);
}

template <class T>
int wrong_roundings() {
  int wrong = 0;
  std::mt19937 generator(7);
  for (int i = 0; i < 400'000; ++i) wrong += !nearest<T>(of_bits(generator()));
  for (uint32_t pattern = 0; pattern < 0x10000u; ++pattern) {
    const float x = ws::to_f32(T{static_cast<uint16_t>(pattern)});
    if (std::isnan(x)) continue;
    const float next = ws::to_f32(T{static_cast<uint16_t>(pattern + 1)});
    if (!std::isfinite(x) || !std::isfinite(next)) continue;
    const float middle = static_cast<float>((static_cast<double>(x) + next) / 2);
    wrong += !nearest<T>(middle) + !nearest<T>(std::nextafterf(middle, x)) + !nearest<T>(std::nextafterf(middle, next));
  }
  return wrong;
}

/** Patterns that a load and a store do not give back. */
template <class T>
int lost_patterns() {
  int lost = 0;
  for (uint32_t pattern = 0; pattern < 0x10000u; ++pattern) {
    const T value{static_cast<uint16_t>(pattern)};
    const float wide = ws::to_f32(value);
    const uint16_t back = ws::from_f32<T>(wide).bits;
    lost += std::isnan(wide) ? !std::isnan(ws::to_f32(T{back})) : back != pattern;
  }
  return lost;
}

}  // namespace

int main() {
  test::Report report;
  report("bf16_lost", lost_patterns<bf16>());
  report("f16_lost", lost_patterns<f16>());
  report("bf16_wrong", wrong_roundings<bf16>());
  report("f16_wrong", wrong_roundings<f16>());
  report("f16_one", ws::to_f32(f16{0x3c00}));
  report("f16_least", ws::to_f32(f16{0x0001}));
  report("f16_largest", ws::to_f32(f16{0x7bff}));
  report("f16_65519", ws::from_f32<f16>(65519.0f).bits);
  report("f16_65520", ws::from_f32<f16>(65520.0f).bits);
  report("bf16_pi", ws::round_to<bf16>(3.14159265f));
  report("i32", ws::to_f32(ws::from_f32<int32_t>(int32_t{16777217})));
}
