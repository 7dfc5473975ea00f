// Elements of a file as elements of the engine.
#pragma once

#include <cstdint>

#include "types.h"
#include "values.h"

namespace ws {

/** Elements of a file need not lie at multiples of their size. */
template <class T>
inline T read_as(const char* from, int64_t index) {
  T value;
  __builtin_memcpy(&value, from + index * int64_t(sizeof(T)), sizeof(T));
  return value;
}

template <class T>
inline void write_as(char* to, int64_t index, T value) {
  __builtin_memcpy(to + index * int64_t(sizeof(T)), &value, sizeof(T));
}

/** Converts `count` numbers, by way of f32. */
inline void convert(const char* from, Storage from_storage, char* to, Storage to_storage, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    float value;
    switch (from_storage) {
      case Storage::bf16: value = to_f32(read_as<bf16>(from, i)); break;
      case Storage::f16: value = to_f32(read_as<f16>(from, i)); break;
      default: value = read_as<float>(from, i);
    }
    switch (to_storage) {
      case Storage::bf16: write_as(to, i, from_f32<bf16>(value)); break;
      case Storage::f16: write_as(to, i, from_f32<f16>(value)); break;
      default: write_as(to, i, value);
    }
  }
}

}  // namespace ws
