// Ranges of keys that queries see.
#pragma once

#include "target.cuh"

namespace ws {

/** Keys [low, high). */
struct KeyRange {
  int low;
  int high;

  /** Part `part` of `parts`, each whole blocks of `block` keys but for the last; those without keys are empty. */
  WS_DEVICE KeyRange cut(int part, int parts, int block) const {
    const int blocks = (high - low + block - 1) / block;
    const int each = (blocks + parts - 1) / parts * block;
    const int begin = low + part * each;
    return {begin, begin + each < high ? begin + each : high};
  }
};

}  // namespace ws
