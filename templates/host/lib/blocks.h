// Quantized blocks of a file as floats. Layouts and arithmetic: ggml's block formats, ggml-common.h and ggml-quants.c of
// ggml-org/ggml. `d` and `m` are f16 scales, every operation is rounded to f32, and an element is what its comment says.
#pragma once

#include <cstdint>
#include <cstring>

#include "types.h"

namespace ws {

/** How the elements of a row lie in a file: alone, or quantized in blocks. The numbers are the ABI's. */
enum class Encoding : int32_t { bf16 = 0, f16 = 1, f32 = 2, q8_0 = 3, q4_0 = 4, q4_1 = 5, q4_k = 6, q6_k = 7 };

/** Elements of a block and its bytes. */
struct BlockSize {
  int64_t elements;
  int64_t bytes;
};

inline constexpr int64_t most_block_elements = 256;

/** No elements: the number names no encoding. */
inline BlockSize block_size_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::bf16:
    case Encoding::f16: return {1, 2};
    case Encoding::f32: return {1, 4};
    case Encoding::q8_0: return {32, 34};
    case Encoding::q4_0: return {32, 18};
    case Encoding::q4_1: return {32, 20};
    case Encoding::q4_k: return {256, 144};
    case Encoding::q6_k: return {256, 210};
  }
  return {0, 0};
}

inline float half_at(const uint8_t* from) {
  f16 half;
  std::memcpy(&half, from, sizeof half);
  return to_f32(half);
}

/** d, then 32 signed bytes: q * d. */
inline void decode_q8_0(const uint8_t* block, float* to) {
  const float d = half_at(block);
  for (int i = 0; i < 32; ++i) to[i] = float(int8_t(block[2 + i])) * d;
}

/** d, then 16 bytes: the low halves are elements 0 to 15, the high halves 16 to 31, each (q - 8) * d. */
inline void decode_q4_0(const uint8_t* block, float* to) {
  const float d = half_at(block);
  for (int i = 0; i < 16; ++i) {
    to[i] = float((block[2 + i] & 15) - 8) * d;
    to[16 + i] = float((block[2 + i] >> 4) - 8) * d;
  }
}

/** d and m, then 16 bytes as those of Q4_0, each q * d + m. */
inline void decode_q4_1(const uint8_t* block, float* to) {
  const float d = half_at(block), m = half_at(block + 2);
  for (int i = 0; i < 16; ++i) {
    to[i] = float(block[4 + i] & 15) * d + m;
    to[16 + i] = float(block[4 + i] >> 4) * d + m;
  }
}

/** Scale (`kind` 0) or minimum (1) of sub-block `j` of 8: six bits each in 12 bytes, the upper two of the last four apart. */
inline int scale_q4_k(const uint8_t* scales, int j, int kind) {
  const int own = 4 * kind;
  if (j < 4) return scales[j + own] & 63;
  return ((scales[j + 4] >> own) & 15) | ((scales[j - 4 + own] >> 6) << 4);
}

/**
 * d and m, 12 bytes of scales, then 128 bytes: of each 32 the low halves are a sub-block of 32 and the high halves the next one,
 * (d * scale) * q - m * minimum.
 */
inline void decode_q4_k(const uint8_t* block, float* to) {
  const float d = half_at(block), m = half_at(block + 2);
  const uint8_t* const scales = block + 4;
  for (int j = 0; j < 8; ++j) {
    const float scale = d * float(scale_q4_k(scales, j, 0)), minimum = m * float(scale_q4_k(scales, j, 1));
    const uint8_t* const quants = block + 16 + j / 2 * 32;
    const int shift = j % 2 * 4;
    for (int i = 0; i < 32; ++i) to[j * 32 + i] = scale * float((quants[i] >> shift) & 15) - minimum;
  }
}

/**
 * 128 bytes of low halves, 64 of upper pairs of bits, 16 signed scales, d. Of each 128 elements, group g of 32 takes the low
 * (g < 2) or the high halves of bytes g % 2 * 32 on and pair g of the upper bits: (d * scale) * (q - 32), a scale every 16.
 */
inline void decode_q6_k(const uint8_t* block, float* to) {
  const float d = half_at(block + 208);
  for (int group = 0; group < 8; ++group) {
    const int half = group / 4, g = group % 4;
    const uint8_t* const low = block + half * 64 + g % 2 * 32;
    const uint8_t* const upper = block + 128 + half * 32;
    const uint8_t* const scales = block + 192 + group * 2;
    for (int i = 0; i < 32; ++i) {
      const int q = ((low[i] >> (g < 2 ? 0 : 4)) & 15) | (((upper[i] >> (2 * g)) & 3) << 4);
      to[group * 32 + i] = d * float(int8_t(scales[i / 16])) * float(q - 32);
    }
  }
}

/** A block of a quantized encoding. */
inline void decode_block(Encoding encoding, const uint8_t* block, float* to) {
  switch (encoding) {
    case Encoding::q8_0: return decode_q8_0(block, to);
    case Encoding::q4_0: return decode_q4_0(block, to);
    case Encoding::q4_1: return decode_q4_1(block, to);
    case Encoding::q4_k: return decode_q4_k(block, to);
    case Encoding::q6_k: return decode_q6_k(block, to);
    default: return;
  }
}

}  // namespace ws
