// The machine's vector of floats through GCC's vector extensions, and loads that widen an element type into it.
// The preprocessor picks the width; intrinsics stand only where g++ 12 makes worse code of the extensions, in their masked
// forms where the plain ones make it warn of its own headers.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "math.h"
#include "types.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ws {

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define WS_AVX512 1
inline constexpr int lanes = 16;
inline constexpr int vector_registers = 32;
#elif defined(__AVX2__)
inline constexpr int lanes = 8;
inline constexpr int vector_registers = 16;
#elif defined(__aarch64__)
inline constexpr int lanes = 4;
inline constexpr int vector_registers = 32;
#else
inline constexpr int lanes = 4;
inline constexpr int vector_registers = 16;
#endif

typedef float vec __attribute__((vector_size(4 * lanes)));
typedef uint32_t vec_u32 __attribute__((vector_size(4 * lanes)));
typedef uint16_t vec_u16 __attribute__((vector_size(2 * lanes)));

/** a * b + c, rounded once where the machine can, lane by lane what the scalar `fused` gives. */
inline vec fused(vec a, vec b, vec c) {
#if defined(WS_AVX512)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  for (int lane = 0; lane < lanes; ++lane) c[lane] = __builtin_fmaf(a[lane], b[lane], c[lane]);
  return c;
#else
  return a * b + c;
#endif
}

/** x in every lane; `vec{} + x` would be an addition, since it makes 0 of -0. */
inline vec splat(float x) {
#if defined(WS_AVX512)
  return _mm512_set1_ps(x);
#elif defined(__AVX2__)
  return _mm256_set1_ps(x);
#else
  return vec{x, x, x, x};
#endif
}

/** An unaligned load of a whole vector V. */
template <class V>
inline V load_vector(const void* p) {
  V v;
  std::memcpy(&v, p, sizeof(V));
  return v;
}

/** Patterns of bf16 or f16 as floats. */
template <class T>
inline vec widen(vec_u16 half) {
#if defined(WS_AVX512)
  const vec_u32 wide = reinterpret_cast<vec_u32>(_mm512_maskz_cvtepu16_epi32(0xffff, reinterpret_cast<__m256i>(half)));
#else
  const vec_u32 wide = __builtin_convertvector(half, vec_u32);
#endif
  if constexpr (std::is_same_v<T, bf16>) {
    return reinterpret_cast<vec>(wide << 16);
  } else {
#if defined(WS_AVX512)
    return _mm512_maskz_cvtph_ps(0xffff, reinterpret_cast<__m256i>(half));
#elif defined(__AVX2__) && defined(__F16C__)
    return _mm256_cvtph_ps(reinterpret_cast<__m128i>(half));
#else
    // types.h says why this is exact
    const vec_u32 sign = (wide & 0x8000u) << 16;
    const vec_u32 magnitude = (wide & 0x7fffu) << 13;
    const vec_u32 finite = reinterpret_cast<vec_u32>(reinterpret_cast<vec>(magnitude) * 0x1p112f);
    return reinterpret_cast<vec>(sign | (magnitude >= 0x0f800000u ? magnitude | 0x7f800000u : finite));
#endif
  }
}

/** `lanes` elements from p as floats. */
template <class T>
inline vec load_f32(const T* p) {
  if constexpr (std::is_same_v<T, float>) return load_vector<vec>(p);
  else return widen<T>(load_vector<vec_u16>(p));
}

/** The first `count` elements from p as floats, 0 < count <= lanes; the other lanes are 0 and their memory is not read. */
template <class T>
inline vec load_f32(const T* p, int count) {
#if defined(WS_AVX512)
  const __mmask16 mask = static_cast<__mmask16>((1u << count) - 1u);
  if constexpr (std::is_same_v<T, float>) return _mm512_maskz_loadu_ps(mask, p);
  else return widen<T>(reinterpret_cast<vec_u16>(_mm256_maskz_loadu_epi16(mask, p)));
#else
  T padded[lanes] = {};
  for (int i = 0; i < count; ++i) padded[i] = p[i];
  return load_f32(padded);
#endif
}

inline void store_f32(float* p, vec v) { std::memcpy(p, &v, sizeof(v)); }

/** Stores the first `count` lanes. */
inline void store_f32(float* p, vec v, int count) {
#if defined(WS_AVX512)
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << count) - 1u), v);
#else
  for (int i = 0; i < count; ++i) p[i] = v[i];
#endif
}

}  // namespace ws
