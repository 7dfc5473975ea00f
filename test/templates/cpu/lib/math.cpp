#include "../../../../templates/cpu/lib/math.h"

#include "report.h"

namespace {

constexpr float infinity = INFINITY;

/** Worst error in units of the last place over x = from, from + step, …; computed in a loop as generated code has it. */
template <class Function, class Exact>
double worst(float from, float to, Function function, Exact exact) {
  constexpr int count = 200'000;
  std::vector<float> x(count), y(count);
  for (int i = 0; i < count; ++i) x[i] = from + (to - from) * static_cast<float>(i) / (count - 1);
#pragma omp simd
  for (int i = 0; i < count; ++i) y[i] = function(x[i]);
  double most = 0;
  for (int i = 0; i < count; ++i) most = std::fmax(most, test::ulps(y[i], exact(static_cast<double>(x[i]))));
  return most;
}

template <class Function, class Exact>
double worst_absolute(float from, float to, Function function, Exact exact) {
  constexpr int count = 200'000;
  std::vector<float> x(count), y(count);
  for (int i = 0; i < count; ++i) x[i] = from + (to - from) * static_cast<float>(i) / (count - 1);
#pragma omp simd
  for (int i = 0; i < count; ++i) y[i] = function(x[i]);
  double most = 0;
  for (int i = 0; i < count; ++i) most = std::fmax(most, std::fabs(y[i] - exact(static_cast<double>(x[i]))));
  return most;
}

/** Vector code and the loop's scalar end give the same bits: the function of one element alone against a whole loop. */
template <class Function>
int differing(float from, float to, Function function) {
  constexpr int count = 1001;
  std::vector<float> x(count), y(count);
  for (int i = 0; i < count; ++i) x[i] = from + (to - from) * static_cast<float>(i) / (count - 1);
#pragma omp simd
  for (int i = 0; i < count; ++i) y[i] = function(x[i]);
  int different = 0;
  for (int i = 0; i < count; ++i) {
    volatile float alone = x[i];
    different += std::bit_cast<uint32_t>(function(alone)) != std::bit_cast<uint32_t>(y[i]);
  }
  return different;
}

int wrong_divisions() {
  int wrong = 0;
  const auto check = [&](int32_t a, int32_t b, int32_t quotient, int32_t remainder) {
    const int32_t expected = static_cast<int32_t>(std::floor(static_cast<double>(a) / b));
    wrong += quotient != expected || remainder != a - expected * b;
  };
  for (int32_t a = -100; a <= 100; ++a) {
    for (const int32_t b : {-7, -4, -1, 1, 3, 8, 64}) check(a, b, ws::idiv(a, b), ws::mod(a, b));
    check(a, 8, ws::idiv(a, 8), ws::mod(a, 8));
    check(a, 3, ws::idiv(a, 3), ws::mod(a, 3));
  }
  return wrong;
}

}  // namespace

int main() {
  test::Report report;
  const auto exp = [](float x) { return ws::ws_exp(x); };
  const auto log = [](float x) { return ws::ws_log(x); };
  const auto tanh = [](float x) { return ws::ws_tanh(x); };
  const auto sin = [](float x) { return ws::ws_sin(x); };
  const auto cos = [](float x) { return ws::ws_cos(x); };
  report("exp_ulp", worst(-87.0f, 88.7f, exp, [](double x) { return std::exp(x); }));
  report("exp_small_ulp", worst(-1.0f, 1.0f, exp, [](double x) { return std::exp(x); }));
  report("exp_gradual_ulp", worst(-103.0f, -87.0f, exp, [](double x) { return std::exp(x); }));
  report("log_ulp", worst(1e-3f, 100.0f, log, [](double x) { return std::log(x); }));
  report("log_near_one_ulp", worst(0.9f, 1.1f, log, [](double x) { return std::log(x); }));
  report("log_large_ulp", worst(1e30f, 3e38f, log, [](double x) { return std::log(x); }));
  report("log_tiny_ulp", worst(1e-44f, 1e-37f, log, [](double x) { return std::log(x); }));
  report("tanh_ulp", worst(-10.0f, 10.0f, tanh, [](double x) { return std::tanh(x); }));
  report("tanh_small_ulp", worst(-0.7f, 0.7f, tanh, [](double x) { return std::tanh(x); }));
  report("sin_error", worst_absolute(-1e5f, 1e5f, sin, [](double x) { return std::sin(x); }));
  report("cos_error", worst_absolute(-1e5f, 1e5f, cos, [](double x) { return std::cos(x); }));
  report("sin_small_error", worst_absolute(-7.0f, 7.0f, sin, [](double x) { return std::sin(x); }));
  report("sqrt_ulp", worst(0.0f, 1e6f, [](float x) { return ws::ws_sqrt(x); }, [](double x) { return std::sqrt(x); }));
  report("rsqrt_ulp", worst(1e-6f, 1e3f, [](float x) { return ws::ws_rsqrt(x); }, [](double x) { return 1 / std::sqrt(x); }));
  report("floor_error", worst_absolute(-1e7f, 1e7f, [](float x) { return ws::ws_floor(x); }, [](double x) { return std::floor(x); }) +
                            worst_absolute(-3.0f, 3.0f, [](float x) { return ws::ws_floor(x); }, [](double x) { return std::floor(x); }));
  report("differing", differing(-110.0f, 95.0f, exp) + differing(-1.0f, 9.0f, log) + differing(-9.0f, 9.0f, tanh) +
                          differing(-1e4f, 1e4f, sin) + differing(-1e4f, 1e4f, cos));

  const float nan = NAN;
  const bool limits = ws::ws_exp(infinity) == infinity && ws::ws_exp(-infinity) == 0 && ws::ws_exp(89.0f) == infinity &&
                      ws::ws_exp(-110.0f) == 0 && std::isnan(ws::ws_exp(nan)) && ws::ws_exp(0.0f) == 1 &&
                      ws::ws_log(0.0f) == -infinity && ws::ws_log(-0.0f) == -infinity && std::isnan(ws::ws_log(-1.0f)) &&
                      ws::ws_log(infinity) == infinity && std::isnan(ws::ws_log(nan)) && ws::ws_log(1.0f) == 0 &&
                      ws::ws_tanh(infinity) == 1 && ws::ws_tanh(-infinity) == -1 && std::isnan(ws::ws_tanh(nan)) &&
                      ws::ws_sin(0.0f) == 0 && ws::ws_cos(0.0f) == 1 && std::isnan(ws::ws_sin(infinity)) &&
                      ws::ws_floor(-0.5f) == -1 && ws::ws_floor(-infinity) == -infinity;
  report("limits", limits);
  const bool ignored = ws::ws_maximum(nan, 1.0f) == 1 && ws::ws_maximum(1.0f, nan) == 1 && std::isnan(ws::ws_maximum(nan, nan)) &&
                       ws::ws_minimum(nan, 1.0f) == 1 && ws::ws_minimum(1.0f, nan) == 1 && std::isnan(ws::ws_minimum(nan, nan)) &&
                       ws::ws_maximum(2.0f, 1.0f) == 2 && ws::ws_minimum(2.0f, 1.0f) == 1 && ws::ws_maximum(-3, 2) == 2 &&
                       ws::ws_minimum(-3, 2) == -3 && ws::ws_abs(-3) == 3 && ws::ws_abs(-3.5f) == 3.5f;
  report("nan_ignored", ignored);
  report("wrong_divisions", wrong_divisions());
}
