// bf16 and f16 as patterns of bits, converted as the instructions cvt.rn.bf16.f32, cvt.rn.f16.f32 and cvt.f32.f16 do.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace simt {

/** A NaN of either 16-bit type. */
inline constexpr uint16_t CANONICAL_NAN = 0x7fff;

inline float f32_of_bf16(uint16_t bits) { return std::bit_cast<float>(uint32_t(bits) << 16); }

inline uint16_t bits_of_bf16(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  if (x != x) return CANONICAL_NAN;
  return uint16_t((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

inline float f32_of_f16(uint16_t bits) {
  const uint32_t sign = uint32_t(bits & 0x8000u) << 16;
  const uint32_t magnitude = bits & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
  // 2^112 rebases the exponent and makes subnormals normal.
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude << 13) * 0x1p112f));
}

inline uint16_t bits_of_f16(float x) {
  if (x != x) return CANONICAL_NAN;
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  const uint16_t sign = uint16_t((bits >> 16) & 0x8000u);
  const float magnitude = std::fabs(x);
  // From the middle between the largest f16 and 2^16 on, to nearest is infinity.
  if (magnitude >= 65520.0f) return sign | 0x7c00u;
  // Subnormals are multiples of 2^-24, the last bit of one half.
  if (magnitude < 0x1p-14f) return sign | uint16_t(std::bit_cast<uint32_t>(magnitude + 0.5f) - std::bit_cast<uint32_t>(0.5f));
  const uint32_t rebased = (bits & 0x7fffffffu) - (112u << 23);
  return sign | uint16_t((rebased + 0xfffu + ((rebased >> 13) & 1u)) >> 13);
}

}  // namespace simt
