// What this machine reads and multiplies at most, on all cores this process may use; prints one line of JSON.
//   g++ -std=c++20 -O3 -march=native -ffp-contract=off -pthread bench/native/machine.cpp
#include <cstdio>

#include "measure.h"

int main() {
  const double bandwidth = measure::read_bandwidth();
  const measure::Peak peak = measure::matrix_peak();
  std::printf("{\"cores\":%d,\"readBytesPerSecond\":%.0f,\"matrixFlops\":%.0f,\"instruction\":\"%s\"}\n", measure::cores(),
              bandwidth, peak.flops, peak.instruction);
}
