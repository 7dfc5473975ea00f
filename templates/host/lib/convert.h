// Rows of a file as rows of the engine.
#pragma once

#include <algorithm>
#include <cstdint>

#include "blocks.h"
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

template <class From, class To>
inline void convert(const char* from, char* to, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) write_as(to, i, from_f32<To>(to_f32(read_as<From>(from, i))));
}

/** Rounds `count` elements once, from their value in f32. */
template <class From>
inline void convert(const char* from, char* to, Storage storage, int64_t count) {
  switch (storage) {
    case Storage::bf16: return convert<From, bf16>(from, to, count);
    case Storage::f16: return convert<From, f16>(from, to, count);
    default: return convert<From, float>(from, to, count);
  }
}

/** Rows of a tensor of a mapped file: row r begins `(order ? order[r] : r) * stride` bytes behind `base`. */
struct FileRows {
  const char* base;
  uint64_t stride;
  Encoding encoding;
  /** Where the elements that are wanted begin in a row; it may lie within a block. */
  int64_t first_column;
  const int32_t* order;

  const char* row(int64_t index) const { return base + uint64_t(order == nullptr ? index : order[index]) * stride; }

  /** Whether they are of the type as they stand, row after row. */
  bool is_plain(Storage storage) const { return order == nullptr && int32_t(encoding) == int32_t(storage); }

  /** The first element that is wanted of the first row; of an encoding without blocks. */
  const char* first() const { return base + first_column * block_size_of(encoding).bytes; }

  /** Whether all of `rows` by `columns` lie in the `size` bytes from `base` on. */
  bool fit(int64_t rows, int64_t columns, uint64_t size) const {
    const BlockSize block = block_size_of(encoding);
    if (block.elements == 0 || rows <= 0 || columns <= 0 || first_column < 0 || first_column > INT32_MAX) return false;
    const uint64_t row_bytes = uint64_t((first_column + columns + block.elements - 1) / block.elements * block.bytes);
    int64_t last = order == nullptr ? rows - 1 : 0;
    if (order != nullptr)
      for (int64_t r = 0; r < rows; ++r) {
        if (order[r] < 0) return false;
        last = std::max(last, int64_t(order[r]));
      }
    uint64_t begin = 0;
    return !__builtin_mul_overflow(uint64_t(last), stride, &begin) && row_bytes <= size && begin <= size - row_bytes;
  }
};

/** `count` elements of a row from element `first` on. */
inline void convert_row(const char* row, Encoding encoding, int64_t first, char* to, Storage storage, int64_t count) {
  switch (encoding) {
    case Encoding::bf16: return convert<bf16>(row + first * 2, to, storage, count);
    case Encoding::f16: return convert<f16>(row + first * 2, to, storage, count);
    case Encoding::f32: return convert<float>(row + first * 4, to, storage, count);
    default: break;
  }
  const BlockSize block = block_size_of(encoding);
  const int64_t end = first + count;
  float values[most_block_elements];
  for (int64_t at = first; at < end;) {
    const int64_t number = at / block.elements, begin = number * block.elements;
    decode_block(encoding, reinterpret_cast<const uint8_t*>(row) + number * block.bytes, values);
    const int64_t stop = std::min(end, begin + block.elements);
    convert<float>(reinterpret_cast<const char*>(values + (at - begin)), to + (at - first) * bytes_of(storage), storage, stop - at);
    at = stop;
  }
}

/** Rows [begin, end) of `rows`, `columns` elements each, to where row 0 lies at `to`. */
inline void convert_rows(const FileRows& rows, int64_t begin, int64_t end, int64_t columns, char* to, Storage storage) {
  const int64_t row_bytes = columns * bytes_of(storage);
  for (int64_t r = begin; r < end; ++r)
    convert_row(rows.row(r), rows.encoding, rows.first_column, to + r * row_bytes, storage, columns);
}

}  // namespace ws
