// Marks of functions that run on the device; the host program reads the structs of this library without them.
#pragma once

#if defined(__CUDACC__)
#define WS_DEVICE __device__ __forceinline__
/**
 * Of what takes or gives an element as it lies in memory. Where a compiler does not optimize it is inlined all the same: g++ shows
 * a simulated GPU no access to memory that passes a struct to a call or takes it from one.
 */
#define WS_ELEMENT __device__ inline __attribute__((always_inline))
#else
#define WS_DEVICE inline
#define WS_ELEMENT inline
#endif
