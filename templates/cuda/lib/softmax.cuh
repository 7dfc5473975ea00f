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

constexpr float LOG2_E = 1.4426950408889634f;

/**
 * States of one query over disjoint keys: what SoftmaxState holds and the weighted sums, each part's relative to its own
 * maximum. They are joined in the order of the parts; a part that saw no key has maximum -infinity, and its sums are not read.
 */
struct SoftmaxParts {
  int count;
  const float* maxima;
  const float* sums;
  const float* values;
  /** Elements from a part to the next. */
  int stride;
  int value_stride;

  WS_DEVICE float maximum() const {
    float all = -INFINITY;
    for (int part = 0; part < count; ++part) all = ws_maximum(all, maxima[part * stride]);
    return all;
  }

  /** `all`: the joint maximum. */
  WS_DEVICE float factor(int part, float all) const {
    if (count == 1) return 1.0f;
    const float own = maxima[part * stride];
    return own == -INFINITY ? 0.0f : exp2_of_hardware((own - all) * LOG2_E);
  }

  WS_DEVICE float sum(float all) const {
    float joint = 0.0f;
    for (int part = 0; part < count; ++part) {
      const float weight = factor(part, all);
      if (weight > 0.0f) joint = fused(weight, sums[part * stride], joint);
    }
    return joint;
  }

  WS_DEVICE float value(float all, int c) const {
    float joint = 0.0f;
    for (int part = 0; part < count; ++part) {
      const float weight = factor(part, all);
      if (weight > 0.0f) joint = fused(weight, values[part * value_stride + c], joint);
    }
    return joint;
  }

  /** 0 for a query that saw no key. */
  WS_DEVICE float mean(int c) const {
    const float all = maximum();
    const float joint = sum(all);
    return joint > 0.0f ? value(all, c) / joint : 0.0f;
  }
};

}  // namespace ws
