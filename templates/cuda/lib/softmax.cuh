// The online softmax (Milakov and Gimelshein, 2018): running maximum, sum and the factor for what was summed before.
#pragma once

#include "math.cuh"
#include "warp.cuh"

namespace ws {

/** What a query has seen so far. A masked score is -infinity; a query without any keeps sum 0. */
struct SoftmaxState {
  float maximum = -INFINITY;
  float sum = 0.0f;

  /** To the maximum of scores that are about to enter; returns what earlier weighted sums are to be scaled by. */
  WS_DEVICE float raise(float score) {
    const float raised = ws_maximum(maximum, score);
    const float correction = raised == maximum ? 1.0f : maximum == -INFINITY ? 0.0f : ws_exp(maximum - raised);
    maximum = raised;
    sum *= correction;
    return correction;
  }

  WS_DEVICE float weight(float score) const { return score == -INFINITY ? 0.0f : ws_exp(score - maximum); }
};

}  // namespace ws
