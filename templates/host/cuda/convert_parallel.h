// Conversion of rows on all cores of the host, which has nothing else to do while weights are loaded.
#pragma once

#include <algorithm>
#include <thread>
#include <vector>

#include "convert.h"

namespace ws {

/** Elements that are worth a thread: it takes some 50 us to start. */
inline constexpr int64_t elements_a_thread = 1 << 18;

inline void convert_on_all_cores(const FileRows& rows, int64_t count, int64_t columns, char* to, Storage storage) {
  const int64_t cores = std::max<int64_t>(1, std::thread::hardware_concurrency());
  const int64_t parts = std::clamp<int64_t>(count * columns / elements_a_thread, 1, std::min(cores, count));
  std::vector<std::jthread> threads;
  for (int64_t part = 1; part < parts; ++part)
    threads.emplace_back([=, &rows] { convert_rows(rows, count * part / parts, count * (part + 1) / parts, columns, to, storage); });
  convert_rows(rows, 0, count / parts, columns, to, storage);
}

}  // namespace ws
