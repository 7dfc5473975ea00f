// The vector types of CUDA C.
#pragma once

#define SIMT_VECTORS(type, name, align2, align4)                    \
  struct name##2 {                                                  \
    type x, y;                                                      \
  } __attribute__((aligned(align2)));                               \
  struct name##3 {                                                  \
    type x, y, z;                                                   \
  };                                                                \
  struct name##4 {                                                  \
    type x, y, z, w;                                                \
  } __attribute__((aligned(align4)));                               \
  inline name##2 make_##name##2(type x, type y) { return {x, y}; }  \
  inline name##3 make_##name##3(type x, type y, type z) { return {x, y, z}; } \
  inline name##4 make_##name##4(type x, type y, type z, type w) { return {x, y, z, w}; }
SIMT_VECTORS(unsigned char, uchar, 2, 4)
SIMT_VECTORS(short, short, 4, 8)
SIMT_VECTORS(unsigned short, ushort, 4, 8)
SIMT_VECTORS(int, int, 8, 16)
SIMT_VECTORS(unsigned, uint, 8, 16)
SIMT_VECTORS(float, float, 8, 16)
SIMT_VECTORS(double, double, 16, 16)
SIMT_VECTORS(long long, longlong, 16, 16)
SIMT_VECTORS(unsigned long long, ulonglong, 16, 16)
#undef SIMT_VECTORS
