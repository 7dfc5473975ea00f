// What this machine can do at most, and a clock for what it does: every rate is the best of several runs on all cores.
#pragma once

#include <barrier>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "../../templates/cpu/lib/processors.h"
#include "../../templates/cpu/lib/simd.h"

namespace measure {

/** Physical cores this process may use. */
inline int cores() {
  static const int count = static_cast<int>(ws::physical_cores().size());
  return count;
}

/** Least wall time of `runs` runs of work(rank) on all cores at once, in seconds; the threads stand at a barrier first. */
template <class Work>
double seconds(const Work& work, int runs = 5) {
  using clock = std::chrono::steady_clock;
  const std::vector<int> list = ws::physical_cores();
  const int count = static_cast<int>(list.size());
  std::barrier<> line(count);
  double best = 1e30;
  std::vector<std::thread> threads;
  for (int rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] {
      ws::pin_to(list[static_cast<size_t>(rank)]);
      for (int run = 0; run < runs; ++run) {
        line.arrive_and_wait();
        const auto begin = clock::now();
        work(rank);
        line.arrive_and_wait();
        const double elapsed = std::chrono::duration<double>(clock::now() - begin).count();
        if (rank == 0 && elapsed < best) best = elapsed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return best;
}

/** Bytes a second that all cores read together from 1 GiB, each through its own contiguous part. */
inline double read_bandwidth() {
  constexpr int64_t bytes = int64_t{1} << 30;
  const std::unique_ptr<char[]> data(new char[bytes]);
  std::memset(data.get(), 1, bytes);
  std::vector<uint64_t> sums(64 * static_cast<size_t>(cores()));
  const double elapsed = seconds([&](int rank) {
    const int64_t part = bytes / cores() / 4096 * 4096;
    const char* p = data.get() + rank * part;
    ws::vec_u32 sum[8] = {};
    for (int64_t at = 0; at < part; at += 8 * static_cast<int64_t>(sizeof(ws::vec_u32)))
#pragma GCC unroll 8
      for (int u = 0; u < 8; ++u) sum[u] ^= ws::load_vector<ws::vec_u32>(p + at + u * sizeof(ws::vec_u32));
    for (const ws::vec_u32& s : sum) sums[64 * rank] += s[0];
  });
  volatile uint64_t keep = sums[0];
  (void)keep;
  return static_cast<double>(bytes) / elapsed;
}

struct Peak {
  double flops;
  const char* instruction;
};

/** FLOP/s of `Step` on registers, all cores; a Step multiplies `flops_per_step`. */
template <class Step>
double register_peak(double flops_per_step, Step step) {
  constexpr int accumulators = ws::vector_registers == 32 ? 16 : 12;
  constexpr int64_t rounds = 4'000'000;
  std::vector<float> sums(64 * static_cast<size_t>(cores()));
  const double elapsed = seconds([&](int rank) {
    ws::vec sum[accumulators] = {};
    ws::vec a = ws::splat(1.0f), b = ws::splat(0.5f);
    for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 16
      for (int u = 0; u < accumulators; ++u) {
        sum[u] = step(sum[u], a, b);
#if defined(__x86_64__)
        asm volatile("" : "+v"(sum[u]));  // an instruction the optimiser may not fold into fewer
#endif
      }
    }
    ws::vec all = {};
#pragma GCC unroll 16
    for (int u = 0; u < accumulators; ++u) all += sum[u];  // unrolled as well, or the sums live in memory throughout
    sums[64 * static_cast<size_t>(rank)] = all[0];
  });
  volatile float keep = sums[0];
  (void)keep;
  return flops_per_step * accumulators * static_cast<double>(rounds) * cores() / elapsed;
}

/** The best matrix instruction of this machine. */
inline Peak matrix_peak() {
  const double f32 = register_peak(2.0 * ws::lanes, [](ws::vec c, ws::vec a, ws::vec b) { return ws::fused(a, b, c); });
#if defined(WS_AVX512) && defined(__AVX512BF16__)
  const double pairs = register_peak(4.0 * ws::lanes, [](ws::vec c, ws::vec a, ws::vec b) -> ws::vec {
    return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  });
  if (pairs > f32) return {pairs, "vdpbf16ps"};
#endif
  return {f32, "f32 fma"};
}

}  // namespace measure
