// Neighbouring elements that a thread takes in one access.
#pragma once

#include <cstdint>
#include <cstring>

#include "types.cuh"

namespace ws {

namespace detail {

/** The word of an access to so many bytes: 16 at most. */
template <int bytes>
struct Word {
  using Type = uint4;
};
template <>
struct Word<8> {
  using Type = uint64_t;
};
template <>
struct Word<4> {
  using Type = uint32_t;
};

}  // namespace detail

/** N elements in registers: 4 bytes, 8, or a multiple of 16. */
template <class T, int N>
struct Vector {
  using Word = typename detail::Word<N * int(sizeof(T))>::Type;
  static constexpr int words = N * sizeof(T) / sizeof(Word);
  static_assert(words * sizeof(Word) == N * sizeof(T), "whole words");

  T at[N];

  WS_DEVICE T& operator[](int i) { return at[i]; }

  /** `from` is aligned to a word. */
  WS_DEVICE void load(const T* from) {
#pragma unroll
    for (int w = 0; w < words; ++w) {
      const Word word = reinterpret_cast<const Word*>(from)[w];
      memcpy(&at[w * (N / words)], &word, sizeof word);
    }
  }

  WS_DEVICE void store(T* to) const {
#pragma unroll
    for (int w = 0; w < words; ++w) {
      Word word;
      memcpy(&word, &at[w * (N / words)], sizeof word);
      reinterpret_cast<Word*>(to)[w] = word;
    }
  }
};

}  // namespace ws
