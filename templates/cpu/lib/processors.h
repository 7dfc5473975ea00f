// Which processors this process may use, one of each physical core.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

namespace ws {

/** The lowest-numbered allowed processor of every physical core, ascending; one 0 where the system does not tell. */
inline std::vector<int> physical_cores() {
  std::vector<int> chosen;
#if defined(__linux__)
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return {0};
  std::vector<std::string> cores;  // the kernel's list of a core's processors names the core
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    const std::string path = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list";
    std::string siblings = std::to_string(cpu);
    if (std::FILE* file = std::fopen(path.c_str(), "r")) {
      char line[256];
      if (std::fgets(line, sizeof(line), file) != nullptr) siblings = line;
      std::fclose(file);
    }
    if (std::find(cores.begin(), cores.end(), siblings) != cores.end()) continue;
    cores.push_back(siblings);
    chosen.push_back(cpu);
  }
#endif
  return chosen.empty() ? std::vector<int>{0} : chosen;
}

/** Binds the calling thread to a processor; without effect where that is not allowed. */
inline void pin_to(int processor) {
#if defined(__linux__)
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
#else
  (void)processor;
#endif
}

/** Binds the calling thread while it lives, and gives back the processors the thread had; nothing where `processor` < 0. */
class Pinned {
 public:
  explicit Pinned(int processor) {
#if defined(__linux__)
    bound_ = processor >= 0 && pthread_getaffinity_np(pthread_self(), sizeof(before_), &before_) == 0;
#endif
    if (bound_) pin_to(processor);
  }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  ~Pinned() {
#if defined(__linux__)
    if (bound_) pthread_setaffinity_np(pthread_self(), sizeof(before_), &before_);
#endif
  }

 private:
  bool bound_ = false;
#if defined(__linux__)
  cpu_set_t before_;
#endif
};

}  // namespace ws
