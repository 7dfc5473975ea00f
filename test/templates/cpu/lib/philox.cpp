#include "../../../../templates/cpu/lib/philox.h"

#include <cstdlib>

#include "report.h"

/** Arguments: seed position id, any number of them. Reports the bits of each draw as `u0`, `g0`, `u1`, … */
int main(int argc, char** argv) {
  test::Report report;
  char name[16];
  for (int at = 1, draw = 0; at + 2 < argc; at += 3, ++draw) {
    const auto argument = [&](int i) { return static_cast<int32_t>(std::atoll(argv[at + i])); };
    std::snprintf(name, sizeof(name), "u%d", draw);
    report(name, ws::ws_uniform(argument(0), argument(1), argument(2)));
    std::snprintf(name, sizeof(name), "g%d", draw);
    report(name, ws::ws_gumbel(argument(0), argument(1), argument(2)));
  }

  // A loop over a vocabulary, in vector code, is the draws one by one.
  constexpr int vocabulary = 4097;
  std::vector<float> noise(vocabulary);
#pragma omp simd
  for (int id = 0; id < vocabulary; ++id) noise[id] = ws::ws_gumbel(11, 5, id);
  int different = 0;
  for (int id = 0; id < vocabulary; ++id) {
    const volatile int alone = id;
    different += ws::ws_gumbel(11, 5, alone) != noise[id];
  }
  report("differing", different);
}
