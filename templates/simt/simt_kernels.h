// The kernels of one source as the simulator calls them: by name, with pointers to their arguments.
#pragma once

#include <cstddef>
#include <utility>

namespace simt {

struct Kernel {
  /** Null behind the last of a source. */
  const char* name;
  /** Runs the body of one thread. */
  void (*call)(void* const* arguments);
  const size_t* argument_bytes;
  size_t argument_count;
};

/** Of a `__global__` function. */
template <auto function>
struct KernelOf;
template <class... Parameters, void (*function)(Parameters...)>
struct KernelOf<function> {
  static constexpr size_t bytes[] = {sizeof(Parameters)..., 0};

  // Arguments lie in memory of the host: that a thread fetches them is not to be checked.
  template <size_t... places>
  __attribute__((no_sanitize("thread"))) static void call_with(void* const* arguments, std::index_sequence<places...>) {
    function(*static_cast<Parameters*>(arguments[places])...);
  }

  __attribute__((no_sanitize("thread"))) static void call(void* const* arguments) { call_with(arguments, std::index_sequence_for<Parameters...>()); }

  static constexpr Kernel named(const char* name) { return {name, call, bytes, sizeof...(Parameters)}; }
};

}  // namespace simt
