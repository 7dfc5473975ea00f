// What kernels take of CUDA's language. nvcc puts a header of this name before every source, and finds this one first: the
// toolkit's own declares the runtime API, textures and the host's library too, and takes longer to read than most kernels take to
// compile. Builtins of the compiler are declared here as the toolkit declares them; a name that is missing is an error of nvcc's.
#pragma once

#include <device_launch_parameters.h>
#include <vector_types.h>

#include <stddef.h>

#define INFINITY __builtin_inff()

extern "C" {
__host__ __device__ __device_builtin__ void* memcpy(void* to, const void* from, size_t bytes) noexcept;
__device__ __device_builtin__ void __syncthreads();

__device__ __device_builtin__ float __int_as_float(int x);
__device__ __device_builtin__ int __float_as_int(float x);
__device__ __device_builtin__ float __uint_as_float(unsigned int x);
__device__ __device_builtin__ unsigned int __float_as_uint(float x);
__device__ __device_builtin__ long long __double_as_longlong(double x);
__device__ __device_builtin__ int __popc(unsigned int x);

__device__ __device_builtin__ float __fadd_rn(float x, float y);
__device__ __device_builtin__ float __fmul_rn(float x, float y);
__device__ __device_builtin__ float __fdiv_rn(float x, float y);
__device__ __device_builtin__ float __fsqrt_rn(float x);
__device__ __device_builtin__ float __fmaf_rn(float x, float y, float z);
__device__ __device_builtin__ double fma(double x, double y, double z);
__device__ __device_builtin__ float fabsf(float x);
__device__ __device_builtin__ float floorf(float x);
__device__ __device_builtin__ float fminf(float x, float y);
__device__ __device_builtin__ float fmaxf(float x, float y);
__device__ __device_builtin__ float expf(float x);
__device__ __device_builtin__ float logf(float x);
__device__ __device_builtin__ float tanhf(float x);

__device__ __device_builtin__ int __iAtomicAdd(int* address, int value);
__device__ __device_builtin__ int __iAtomicExch(int* address, int value);
__device__ __device_builtin__ void __nvvm_bar_warp_sync(unsigned int mask);
__device__ __device_builtin__ int __nvvm_vote_any_sync(unsigned int mask, int predicate);
__device__ __device_builtin__ unsigned int __nvvm_vote_ballot_sync(unsigned int mask, int predicate);
__device__ __device_builtin__ unsigned int __nvvm_shfl_idx_sync(unsigned int, unsigned int, unsigned int, unsigned int);
__device__ __device_builtin__ unsigned int __nvvm_shfl_bfly_sync(unsigned int, unsigned int, unsigned int, unsigned int);
__device__ size_t __nv_cvta_generic_to_shared_impl(const void* pointer);
}

#define WS_BUILTIN static __device__ __forceinline__

WS_BUILTIN int min(int a, int b) { return a < b ? a : b; }
WS_BUILTIN int max(int a, int b) { return a > b ? a : b; }

WS_BUILTIN int atomicAdd(int* address, int value) { return __iAtomicAdd(address, value); }
WS_BUILTIN int atomicExch(int* address, int value) { return __iAtomicExch(address, value); }

WS_BUILTIN void __syncwarp(unsigned int mask = 0xffffffffu) { __nvvm_bar_warp_sync(mask); }
WS_BUILTIN int __any_sync(unsigned int mask, int predicate) { return __nvvm_vote_any_sync(mask, predicate); }
WS_BUILTIN unsigned int __ballot_sync(unsigned int mask, int predicate) { return __nvvm_vote_ballot_sync(mask, predicate); }

/** Registers are exchanged as words of 32 bits; 31 keeps all 32 lanes of the warp in one segment. */
WS_BUILTIN int __shfl_sync(unsigned int mask, int value, int lane) { return __nvvm_shfl_idx_sync(mask, value, lane, 31); }
WS_BUILTIN unsigned int __shfl_sync(unsigned int mask, unsigned int value, int lane) {
  return __nvvm_shfl_idx_sync(mask, value, lane, 31);
}
WS_BUILTIN float __shfl_sync(unsigned int mask, float value, int lane) {
  return __int_as_float(__nvvm_shfl_idx_sync(mask, __float_as_int(value), lane, 31));
}
WS_BUILTIN unsigned long long __shfl_sync(unsigned int mask, unsigned long long value, int lane) {
  unsigned int low, high;
  asm volatile("mov.b64 {%0, %1}, %2;" : "=r"(low), "=r"(high) : "l"(value));
  high = __shfl_sync(mask, high, lane);
  low = __shfl_sync(mask, low, lane);
  asm volatile("mov.b64 %0, {%1, %2};" : "=l"(value) : "r"(low), "r"(high));
  return value;
}

WS_BUILTIN int __shfl_xor_sync(unsigned int mask, int value, int lanes) {
  return __nvvm_shfl_bfly_sync(mask, value, lanes, 31);
}
WS_BUILTIN unsigned int __shfl_xor_sync(unsigned int mask, unsigned int value, int lanes) {
  return __nvvm_shfl_bfly_sync(mask, value, lanes, 31);
}
WS_BUILTIN float __shfl_xor_sync(unsigned int mask, float value, int lanes) {
  return __int_as_float(__nvvm_shfl_bfly_sync(mask, __float_as_int(value), lanes, 31));
}

WS_BUILTIN double __shfl_xor_sync(unsigned int mask, double value, int lanes) {
  unsigned int low, high;
  asm volatile("mov.b64 {%0, %1}, %2;" : "=r"(low), "=r"(high) : "d"(value));
  high = __shfl_xor_sync(mask, high, lanes);
  low = __shfl_xor_sync(mask, low, lanes);
  asm volatile("mov.b64 %0, {%1, %2};" : "=d"(value) : "r"(low), "r"(high));
  return value;
}

WS_BUILTIN size_t __cvta_generic_to_shared(const void* pointer) { return __nv_cvta_generic_to_shared_impl(pointer); }

WS_BUILTIN float2 make_float2(float x, float y) { return {x, y}; }
WS_BUILTIN uint4 make_uint4(unsigned int x, unsigned int y, unsigned int z, unsigned int w) { return {x, y, z, w}; }

#undef WS_BUILTIN
