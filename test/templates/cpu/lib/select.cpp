#include "../../../../templates/cpu/lib/select.h"

#include <algorithm>
#include <functional>

#include "report.h"

namespace {

constexpr float infinity = INFINITY;

std::vector<float> numbers(const std::vector<float>& x) {
  std::vector<float> sorted;
  std::copy_if(x.begin(), x.end(), std::back_inserter(sorted), [](float v) { return v == v; });
  std::sort(sorted.begin(), sorted.end(), std::greater<float>());
  return sorted;
}

/** Rows of all kinds: draws, ties, masked places, a NaN here and there, one number, a real vocabulary. */
std::vector<std::vector<float>> rows() {
  std::vector<std::vector<float>> all;
  for (const int n : {1, 2, 63, 64, 65, 1000, 49152}) {
    std::vector<float> x = test::normals(static_cast<size_t>(n), static_cast<uint32_t>(n));
    all.push_back(x);
    std::vector<float> large = x;
    for (float& v : large) v *= 6;
    all.push_back(large);
    for (float& v : x) v = std::round(v * 2) / 2;
    all.push_back(x);
    for (int i = 0; i < n; ++i) x[i] = i % 3 == 1 ? -infinity : x[i];
    all.push_back(x);
    for (int i = 1; i < n; i += 5) x[i] = NAN;
    all.push_back(x);
  }
  return all;
}

/** The greatest v such that the share of what is >= v reaches p less `slack`: its bounds, since sums round differently. */
float reference_threshold(const std::vector<float>& sorted, double p, double slack) {
  double total = 0, held = 0;
  for (const float v : sorted) total += std::exp(static_cast<double>(v) - sorted[0]);
  for (const float v : sorted) {
    held += std::exp(static_cast<double>(v) - sorted[0]);
    if (held >= (p - slack) * total) return v;
  }
  return sorted.back();
}

}  // namespace

int main() {
  test::Report report;
  int wrong_kth = 0, wrong_mass = 0, wrong_top = 0, wrong_argmax = 0;
  for (const std::vector<float>& x : rows()) {
    const int n = static_cast<int>(x.size());
    const std::vector<float> sorted = numbers(x);
    const int count = static_cast<int>(sorted.size());
    for (const int k : {-1, 1, 2, 20, 64, 65, 100, n / 2 + 1, n, n + 7})
      wrong_kth += ws::kth_largest(x.data(), n, k) != sorted[std::clamp(k, 1, count) - 1];
    for (const float p : {0.0f, 0.1f, 0.5f, 0.9f, 0.95f, 0.999f}) {
      const float got = ws::mass_threshold(x.data(), n, p);
      wrong_mass += got > reference_threshold(sorted, p, 1e-6) || got < reference_threshold(sorted, p, -1e-6);
    }
    const auto finite = std::find_if(sorted.rbegin(), sorted.rend(), [](float v) { return v > -infinity; });
    wrong_mass += ws::mass_threshold(x.data(), n, 1.0f) != (finite == sorted.rend() ? -infinity : *finite);

    std::vector<int32_t> order;  // NaN last, ties by place
    for (int32_t i = 0; i < n; ++i) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return x[a] > x[b] || (x[a] == x[a] && x[b] != x[b]); });
    for (const int top : {1, 5, 20, 64}) {
      if (top > n) continue;
      std::vector<int32_t> index(static_cast<size_t>(top));
      ws::top_n(x.data(), n, top, index.data());
      wrong_top += !std::equal(index.begin(), index.end(), order.begin());
    }
    wrong_argmax += ws::argmax(x.data(), n) != order[0];
  }
  report("wrong_kth", wrong_kth);
  report("wrong_mass", wrong_mass);
  report("wrong_top", wrong_top);
  report("wrong_argmax", wrong_argmax);

  const std::vector<float> none(70, NAN), lowest(70, -infinity);
  int32_t places[3];
  ws::top_n(none.data(), 70, 3, places);
  report("without_numbers", std::isnan(ws::kth_largest(none.data(), 70, 1)) && std::isnan(ws::mass_threshold(none.data(), 70, 0.5f)) &&
                                ws::argmax(none.data(), 70) == 0 && places[0] == 0 && places[2] == 2);
  report("all_masked", ws::kth_largest(lowest.data(), 70, 3) == -infinity &&
                           ws::mass_threshold(lowest.data(), 70, 0.5f) == -infinity && ws::argmax(lowest.data(), 70) == 0);
}
