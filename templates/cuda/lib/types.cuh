// Element types of tensors, and their conversions to and from float. Patterns of bits, so that no heavy header is read.
#pragma once

#include <cstdint>

#include "conversions.cuh"
#include "target.cuh"

namespace ws {

/** bfloat16: the upper half of a float. */
struct bf16 {
  uint16_t bits;
};

/** IEEE binary16. */
struct f16 {
  uint16_t bits;
};

WS_DEVICE float to_f32(float x) { return x; }

/** An index stays an integer: generated loads name their element type and nothing else. */
WS_DEVICE int32_t to_f32(int32_t x) { return x; }

WS_ELEMENT float to_f32(bf16 x) { return __uint_as_float(static_cast<uint32_t>(x.bits) << 16); }

WS_ELEMENT float to_f32(f16 x) { return f32_of_f16(x.bits); }

/** To nearest, ties to even; overflow to infinity; a NaN stays one. */
WS_ELEMENT bf16 to_bf16(float x) { return {bits_of_bf16(x)}; }

/** To nearest, ties to even; subnormals kept, overflow to infinity; a NaN stays one. */
WS_ELEMENT f16 to_f16(float x) { return {bits_of_f16(x)}; }

/** Rounds once to the element type T; an int32_t tensor takes what an index expression computed. */
template <class T>
struct FromF32 {
  static WS_ELEMENT T of(float x) { return static_cast<T>(x); }
};
template <>
struct FromF32<bf16> {
  static WS_ELEMENT bf16 of(float x) { return to_bf16(x); }
};
template <>
struct FromF32<f16> {
  static WS_ELEMENT f16 of(float x) { return to_f16(x); }
};

template <class T>
WS_ELEMENT T from_f32(float x) {
  return FromF32<T>::of(x);
}

/** Two elements in one word, as tensor cores take them; the first is the lower half. */
WS_DEVICE uint32_t to_pair(float first, float second, bf16) { return pair_of_bf16(first, second); }
WS_DEVICE uint32_t to_pair(float first, float second, f16) { return pair_of_f16(first, second); }

template <class T>
WS_DEVICE float first_of(uint32_t pair) {
  return to_f32(T{static_cast<uint16_t>(pair)});
}

template <class T>
WS_DEVICE float second_of(uint32_t pair) {
  return to_f32(T{static_cast<uint16_t>(pair >> 16)});
}

/** A declared rounding point: x as a store to T and a load would give it back. */
template <class T>
WS_DEVICE float round_to(float x) {
  return to_f32(from_f32<T>(x));
}

}  // namespace ws
