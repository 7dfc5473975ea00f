// What a test program tells its test: one JSON object of numbers by name.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

namespace test {

class Report {
 public:
  Report() { std::printf("{"); }
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  ~Report() { std::printf("}\n"); }

  void operator()(const char* name, double value) {
    std::printf(std::isfinite(value) ? "%s\"%s\":%.17g" : "%s\"%s\":null", first_ ? "" : ",", name, value);
    first_ = false;
  }

 private:
  bool first_ = true;
};

/** Normal draws, the same on every run. */
inline std::vector<float> normals(size_t count, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(generator);
  return values;
}

/** Distance of `got` from the exact value, in units of the last place that the float nearest to it has. */
inline double ulps(float got, double exact) {
  const float nearest = static_cast<float>(exact);
  if (std::isnan(exact)) return std::isnan(got) ? 0 : INFINITY;
  if (std::isinf(nearest) || std::isinf(got)) return nearest == got ? 0 : INFINITY;
  const double unit = std::nextafter(std::fabs(nearest), INFINITY) - std::fabs(static_cast<double>(nearest));
  return std::fabs(got - exact) / unit;
}

}  // namespace test
