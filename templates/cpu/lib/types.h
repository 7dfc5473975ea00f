// Element types of tensors, and their conversions to and from float.
// Everything here is branch-free on bit patterns, so that a loop under `#pragma omp simd` vectorises on every target.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace ws {

/** bfloat16: the upper half of a float. g++ 12 has no such type, so that it is a pattern of bits. */
struct bf16 {
  uint16_t bits;
};

/** IEEE binary16. */
struct f16 {
  uint16_t bits;
};

inline float to_f32(float x) { return x; }

/** An index stays an integer: generated loads name their element type and nothing else. */
inline int32_t to_f32(int32_t x) { return x; }

inline float to_f32(bf16 x) { return std::bit_cast<float>(static_cast<uint32_t>(x.bits) << 16); }

/**
 * Exact, subnormals and infinities included. The exponent is rebased by one multiplication (2^112), which normalises
 * subnormals too; what was all ones (infinity, NaN) gets its exponent back by the selection.
 */
inline float to_f32(f16 x) {
  const uint32_t wide = static_cast<uint32_t>(x.bits);
  const uint32_t sign = (wide & 0x8000u) << 16;
  const uint32_t magnitude = (wide & 0x7fffu) << 13;
  const uint32_t finite = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112f);
  const uint32_t special = magnitude | 0x7f800000u;
  return std::bit_cast<float>(sign | (magnitude >= 0x0f800000u ? special : finite));
}

/** To nearest, ties to even; overflow to infinity; a NaN stays one and becomes quiet. */
inline bf16 to_bf16(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const uint32_t nan = (bits >> 16) | 0x40u;
  return {static_cast<uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? nan : rounded)};
}

/**
 * To nearest, ties to even; subnormals kept, overflow to infinity, a NaN stays one. After Marat Dukhan's FP16: adding a
 * power of two of the right exponent lets the float adder round at the tenth bit of the mantissa.
 */
inline f16 to_f16(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  const float magnitude = std::bit_cast<float>(bits & 0x7fffffffu);
  const float scaled = (magnitude * 0x1p112f) * 0x1p-110f;
  const uint32_t doubled = bits + bits;
  const uint32_t exponent = doubled & 0xff000000u;
  const uint32_t floor_exponent = exponent < 0x71000000u ? 0x71000000u : exponent;
  const float anchor = std::bit_cast<float>((floor_exponent >> 1) + 0x07800000u);
  const uint32_t sum = std::bit_cast<uint32_t>(anchor + scaled);
  const uint32_t number = ((sum >> 13) & 0x7c00u) + (sum & 0x0fffu);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  return {static_cast<uint16_t>(sign | (doubled > 0xff000000u ? 0x7e00u : number))};
}

/** Rounds once to the element type T; an int32_t tensor takes what an index expression computed. */
template <class T>
inline T from_f32(float x) {
  if constexpr (std::is_same_v<T, bf16>) return to_bf16(x);
  else if constexpr (std::is_same_v<T, f16>) return to_f16(x);
  else return static_cast<T>(x);
}

template <class T>
inline T from_f32(int32_t x) {
  if constexpr (std::is_same_v<T, int32_t>) return x;
  else return from_f32<T>(static_cast<float>(x));
}

/** A declared rounding point: x as a store to T and a load would give it back. */
template <class T>
inline float round_to(float x) {
  return to_f32(from_f32<T>(x));
}

}  // namespace ws
