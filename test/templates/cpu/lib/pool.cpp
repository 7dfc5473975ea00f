#include "../../../../templates/cpu/lib/pool.h"

#include <chrono>

#include "report.h"

namespace {

/** Runs in which a rank was missing or doubled, or saw less than all others had written before a barrier. */
int broken_runs(int size, int runs) {
  ws::Pool pool(size);
  std::vector<int> written(static_cast<size_t>(size));
  std::atomic<int> wrong{0}, calls{0};
  for (int run = 0; run < runs; ++run) {
    pool.run([&](int rank, int threads) {
      calls.fetch_add(1);
      for (int round = 0; round < 3; ++round) {
        const int value = run * 10 + round;
        written[static_cast<size_t>(rank)] = value;
        pool.barrier();
        for (int other = 0; other < threads; ++other) wrong += written[static_cast<size_t>(other)] != value;
        pool.barrier();
      }
    });
  }
  return wrong + std::abs(calls - size * runs);
}

/** Units that were not taken exactly once, over kernels that follow one another. */
int lost_tickets(int size) {
  ws::Pool pool(size);
  constexpr int units = 1000, kernels = 20;
  ws::Ticket tickets[2];
  std::vector<std::atomic<int>> taken(units);
  pool.run([&](int rank, int threads) {
    for (int kernel = 0; kernel < kernels; ++kernel) {
      ws::Ticket& ticket = tickets[kernel % 2];
      int64_t unit;
      while ((unit = ticket.next(units, rank, threads)) < units) taken[static_cast<size_t>(unit)] += 1;
      if (rank == 0) tickets[(kernel + 1) % 2].reset();
      pool.barrier();
    }
  });
  int lost = 0;
  for (const std::atomic<int>& count : taken) lost += count != kernels;
  return lost;
}

/** Units that a thread gets out of order, or that stay behind, when it works alone: its own share first, then the other's. */
int wrong_order() {
  ws::Ticket ticket;
  int wrong = 0;
  for (const int64_t expected : {5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 10, 10}) wrong += ticket.next(10, 1, 2) != expected;
  return wrong;
}

int wrong_shares() {
  int wrong = 0;
  for (const int64_t count : {0, 1, 15, 16, 17, 1000})
    for (const int size : {1, 2, 3, 8})
      for (const int unit : {1, 16}) {
        int64_t at = 0;
        for (int rank = 0; rank < size; ++rank) {
          const ws::Range range = ws::share(count, rank, size, unit);
          wrong += range.begin != at || range.end < range.begin || (range.begin % unit != 0 && range.begin != count);
          at = range.end;
        }
        wrong += at != count;
      }
  return wrong;
}

/** The caller's processors before and after a run are the same; it may come from another thread each time. */
int changed_callers() {
  ws::Pool pool;
  int changed = 0;
  for (int i = 0; i < 5; ++i) {
    std::thread([&] {
      cpu_set_t before, after;
      pthread_getaffinity_np(pthread_self(), sizeof(before), &before);
      pool.run([](int, int) {});
      pthread_getaffinity_np(pthread_self(), sizeof(after), &after);
      changed += !CPU_EQUAL(&before, &after);
    }).join();
  }
  return changed;
}

}  // namespace

int main() {
  test::Report report;
  report("alone", broken_runs(1, 50));
  report("pair", broken_runs(2, 2000));
  report("oversubscribed", broken_runs(9, 30));
  report("lost_tickets", lost_tickets(2) + lost_tickets(5));
  report("wrong_order", wrong_order());
  report("wrong_shares", wrong_shares());
  report("changed_callers", changed_callers());
  for (int i = 0; i < 50; ++i) ws::Pool never_used(3);
  report("sleepers_woken", [] {
    ws::Pool pool(2);
    std::atomic<int> calls{0};
    for (int run = 0; run < 3; ++run) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));  // past the spinning: workers sleep
      pool.run([&](int, int) { calls += 1; });
    }
    return calls.load();
  }());
}
