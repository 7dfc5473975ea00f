// As templates/cuda/lib/mma.cuh says, on the simulated GPU: the lanes of a warp meet, and the last one computes for all.
#pragma once

#include <cstdint>

#include "async.cuh"
#include "target.cuh"
#include "types.cuh"

namespace ws {

template <class T>
struct Mma;

template <simt::Collective kind>
struct SimulatedMma {
  static WS_DEVICE void multiply(float (&d)[4], uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
    simt::MmaPart part{{a0, a1, a2, a3}, {b0, b1}, {d[0], d[1], d[2], d[3]}};
    simt::meet(kind, ~0u, &part, {__FILE__, __LINE__});
    for (int i = 0; i < 4; ++i) d[i] = part.d[i];
  }
};
template <>
struct Mma<bf16> : SimulatedMma<simt::Collective::mma_bf16> {};
template <>
struct Mma<f16> : SimulatedMma<simt::Collective::mma_f16> {};

WS_DEVICE void load_simulated(simt::Collective kind, uint32_t (&to)[4], const void* row, simt::Place place) {
  simt::LoadPart part{row, {}};
  simt::meet(kind, ~0u, &part, place);
  for (int i = 0; i < 4; ++i) to[i] = part.to[i];
}

WS_DEVICE void load_matrices(uint32_t (&to)[4], const void* row) {
  load_simulated(simt::Collective::load, to, row, {__FILE__, __LINE__});
}

WS_DEVICE void load_matrices_transposed(uint32_t (&to)[4], const void* row) {
  load_simulated(simt::Collective::load_transposed, to, row, {__FILE__, __LINE__});
}

}  // namespace ws
