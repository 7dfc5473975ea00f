// Tensor cores of a warp: D[16][8] += A[16][16] * B[16][8] of bf16 or f16 with f32 sums (mma.sync, sm_80), and the loads that
// bring 8x8 matrices from shared memory into the layout it takes.
//
// Lane l = 4 g + t holds of A the pairs (g, 2t), (g + 8, 2t), (g, 2t + 8), (g + 8, 2t + 8), of B (row k, column g) the pairs
// k = 2t and 2t + 8, of D (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1). Which k a pair stands for is free as long as A and
// B agree.
#pragma once

#include <cstdint>

#include "async.cuh"
#include "target.cuh"
#include "types.cuh"

namespace ws {

template <class T>
struct Mma;

template <>
struct Mma<bf16> {
  static WS_DEVICE void multiply(float (&d)[4], uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  }
};

template <>
struct Mma<f16> {
  static WS_DEVICE void multiply(float (&d)[4], uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  }
};

/** Four 8x8 matrices of 16-bit elements; lane l names row l % 8 of matrix l / 8 and gets the pair (g, 2t) of each. */
WS_DEVICE void load_matrices(uint32_t (&to)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(shared_address(row))
               : "memory");
}

/** As above, each matrix transposed: the pair (2t, g), (2t + 1, g). */
WS_DEVICE void load_matrices_transposed(uint32_t (&to)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(shared_address(row))
               : "memory");
}

}  // namespace ws
