// Every function that the library's cuda_runtime.h declares.
#include <cstring>

extern "C" __global__ void floats(float* x, const float* y, double* wide, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float a = x[i], b = y[i];
  a = __fadd_rn(a, b) + __fmul_rn(a, b) + __fdiv_rn(a, b) + __fsqrt_rn(b);
  a = __fmaf_rn(a, b, a) + fabsf(a) + floorf(b) + fminf(a, b) + fmaxf(a, b);
  a += expf(b) + logf(a) + tanhf(b);
  a = b > 2.0f ? INFINITY : a;
  wide[i] = fma(wide[i], 2.0, static_cast<double>(a));
  memcpy(&x[i], &a, sizeof a);
}

extern "C" __global__ void words(int* to, unsigned int* bits, float* x, double* wide, int* counter) {
  __shared__ float shared[32];
  const int lane = threadIdx.x % 32;
  shared[lane] = x[lane];
  __syncthreads();
  to[0] += __float_as_int(x[0]) + min(to[1], to[2]) + max(to[3], to[4]) + __popc(bits[0]);
  bits[1] = __float_as_uint(x[1]) + static_cast<unsigned int>(__cvta_generic_to_shared(&shared[lane]));
  x[2] = __int_as_float(to[5]) + __uint_as_float(bits[2]) + shared[31 - lane];
  to[6] = static_cast<int>(__double_as_longlong(wide[0]));
  to[7] = atomicAdd(counter, 1) + atomicExch(counter + 1, 2);
}

extern "C" __global__ void lanes(int* i, unsigned int* u, float* f, double* d, unsigned long long* l, uint4* four, float2* two) {
  const int lane = threadIdx.x;
  i[lane] = __shfl_sync(0xffffffffu, i[lane], 3) + __shfl_xor_sync(0xffffffffu, i[lane], 1);
  u[lane] = __shfl_sync(0xffffffffu, u[lane], 3) + __shfl_xor_sync(0xffffffffu, u[lane], 2);
  f[lane] = __shfl_sync(0xffffffffu, f[lane], 3) + __shfl_xor_sync(0xffffffffu, f[lane], 4);
  d[lane] += __shfl_xor_sync(0xffffffffu, d[lane], 8);
  l[lane] += __shfl_sync(0xffffffffu, l[lane], 5);
  __syncwarp();
  i[lane] += __any_sync(0xffffffffu, i[lane] > 3);
  u[lane] += __ballot_sync(0xffffffffu, u[lane] > 3);
  four[lane] = make_uint4(u[0], u[1], u[2], u[3]);
  two[lane] = make_float2(f[0], f[1]);
}
