// The C ABI over an instance. No exception leaves it.
#include "lib/warpsmith.h"

#include <exception>
#include <memory>
#include <string>

#include "lib/instance.h"

namespace {

thread_local std::string create_error;

ws::Instance* instance(ws_engine* engine) { return reinterpret_cast<ws::Instance*>(engine); }
const ws::Instance* instance(const ws_engine* engine) { return reinterpret_cast<const ws::Instance*>(engine); }

/** Runs `body` and turns an exception (memory, threads) into the instance's error. */
template <class Body>
auto guarded(ws_engine* engine, const Body& body) -> decltype(body(*instance(engine))) {
  try {
    return body(*instance(engine));
  } catch (const std::exception& failure) {
    instance(engine)->error = failure.what();
    return -1;
  }
}

}  // namespace

extern "C" {

int32_t ws_abi_version(void) { return WS_ABI_VERSION; }
int32_t ws_ring_slots(void) { return WS_RING_SLOTS; }

const char* ws_processor(void) { return WS_PROCESSOR; }

const char* ws_last_error(const ws_engine* engine) {
  return engine == nullptr ? create_error.c_str() : instance(engine)->error.c_str();
}

ws_engine* ws_create(int32_t program, int32_t threads, const int32_t* capacities, int32_t blocks_per_sequence,
                     int32_t num_blocks) {
  try {
    if (program < 0 || program >= ws::program_count) {
      create_error = "the library has no program " + std::to_string(program);
      return nullptr;
    }
    auto made = std::make_unique<ws::Instance>(ws::programs[program], threads, capacities, blocks_per_sequence, num_blocks);
    if (made->allocation_error().empty()) return reinterpret_cast<ws_engine*>(made.release());
    create_error = made->allocation_error();
  } catch (const std::exception& failure) {
    create_error = failure.what();
  }
  return nullptr;
}

void ws_destroy(ws_engine* engine) { delete instance(engine); }

int32_t ws_map_file(ws_engine* engine, const char* path) {
  return guarded(engine, [&](ws::Instance& self) { return self.map_file(path); });
}

int32_t ws_load_weight(ws_engine* engine, int32_t value, int32_t rows, int32_t columns, const ws_file_rows* from,
                       const int32_t* order) {
  return guarded(engine, [&](ws::Instance& self) { return self.load_weight(value, rows, columns, *from, order); });
}

int32_t ws_bind(ws_engine* engine, int32_t value, void* data) {
  return guarded(engine, [&](ws::Instance& self) { return self.bind(value, data); });
}

int32_t ws_write(ws_engine* engine, int32_t value, uint64_t offset, const void* data, uint64_t bytes) {
  return guarded(engine, [&](ws::Instance& self) { return self.write(value, offset, data, bytes); });
}

int32_t ws_read(ws_engine* engine, int32_t value, uint64_t offset, void* data, uint64_t bytes) {
  return guarded(engine, [&](ws::Instance& self) { return self.read(value, offset, data, bytes); });
}

int64_t ws_submit(ws_engine* engine, const int32_t* descriptor) {
  return guarded(engine, [&](ws::Instance& self) { return self.submit(descriptor); });
}

void ws_wait(ws_engine* engine, int64_t ticket) { instance(engine)->wait(ticket); }

int32_t ws_poll(ws_engine* engine, int64_t ticket) {
  return guarded(engine, [&](ws::Instance& self) { return self.poll(ticket); });
}

void* ws_result(ws_engine* engine, int32_t slot, int32_t value) {
  void* result = nullptr;
  guarded(engine, [&](ws::Instance& self) {
    result = self.result(slot, value);
    return 0;
  });
  return result;
}

int64_t ws_step(ws_engine* engine, const int32_t* descriptor) {
  return guarded(engine, [&](ws::Instance& self) { return self.step(descriptor); });
}

int32_t ws_op_launch(ws_engine* engine, const int32_t* descriptor) {
  return guarded(engine, [&](ws::Instance& self) { return self.launch(descriptor); });
}

void ws_cancel(ws_engine* engine) { instance(engine)->cancel(); }

void ws_capacity(const ws_engine* engine, int64_t* numbers) { instance(engine)->capacity(numbers); }

void ws_stats(ws_engine* engine, int64_t* numbers) { instance(engine)->stats(numbers); }

void ws_timings(ws_engine* engine, int32_t on, int64_t* numbers) {
  guarded(engine, [&](ws::Instance& self) {
    self.timings(on != 0, numbers);
    return 0;
  });
}

int32_t ws_failed_launch(const ws_engine* engine) { return instance(engine)->failed_launch(); }

void* ws_tensor_alloc(uint64_t bytes) {
  try {
    return ws::tensor_alloc(bytes);
  } catch (const std::exception& failure) {
    create_error = failure.what();
    return nullptr;
  }
}

void ws_tensor_free(void* tensor) { ws::tensor_free(tensor); }

int32_t ws_tensor_copy(void* to, const void* from, uint64_t bytes) {
  try {
    ws::tensor_copy(to, from, bytes);
    return 0;
  } catch (const std::exception& failure) {
    create_error = failure.what();
    return -1;
  }
}

}
