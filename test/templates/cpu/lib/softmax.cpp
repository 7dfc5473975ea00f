#include "../../../../templates/cpu/lib/softmax.h"

#include <algorithm>
#include <cstring>

#include "report.h"

namespace {

constexpr float masked = -INFINITY;

struct State {
  float maximum = masked;
  float sum = 0;
  std::vector<double> weights;  // relative to the maximum so far
};

/** One row taken in blocks of `block`. */
State online(const std::vector<float>& scores, int block) {
  State state;
  for (size_t begin = 0; begin < scores.size(); begin += block) {
    const int count = static_cast<int>(std::min<size_t>(block, scores.size() - begin));
    std::vector<float> part(scores.begin() + begin, scores.begin() + begin + count);
    float correction;
    ws::online_softmax_block(part.data(), count, 1, count, &state.maximum, &state.sum, &correction);
    for (double& weight : state.weights) weight *= correction;
    state.weights.insert(state.weights.end(), part.begin(), part.end());
  }
  return state;
}

double worst_error() {
  double worst = 0;
  for (const int n : {1, 15, 16, 17, 63, 64, 65, 200})
    for (const int block : {1, 16, 33, 64}) {
      std::vector<float> scores = test::normals(n, static_cast<uint32_t>(n));
      for (int i = 0; i < n; ++i) scores[i] = i % 7 == 3 ? masked : scores[i] * 8;
      if (n == 1) scores[0] = -3;
      const State state = online(scores, block);
      double maximum = masked, total = 0;
      for (const float score : scores) maximum = std::fmax(maximum, score);
      for (const float score : scores) total += std::exp(score - maximum);
      for (int i = 0; i < n; ++i)
        worst = std::fmax(worst, std::fabs(state.weights[i] / state.sum - std::exp(scores[i] - maximum) / total));
    }
  return worst;
}

}  // namespace

int main() {
  test::Report report;
  report("error", worst_error());

  // Rows of one call do not know of each other: row 1 alone gives the same bits, and so do masked places behind the last.
  std::vector<float> scores = test::normals(3 * 64, 9);
  for (int c = 40; c < 64; ++c) scores[64 + c] = masked;
  std::vector<float> together = scores, alone(scores.begin() + 64, scores.begin() + 104);
  float maximum[3] = {masked, masked, masked}, sum[3] = {}, correction[3];
  ws::online_softmax_block(together.data(), 64, 3, 64, maximum, sum, correction);
  float one_max = masked, one_sum = 0, one_correction;
  ws::online_softmax_block(alone.data(), 40, 1, 40, &one_max, &one_sum, &one_correction);
  report("same_alone", std::memcmp(alone.data(), together.data() + 64, 40 * sizeof(float)) == 0 && one_sum == sum[1] && one_max == maximum[1]);

  // A masked block is a no-op, on a row with a past and on one without.
  std::vector<float> nothing(2 * 8, masked);
  float past_max[2] = {1.5f, masked}, past_sum[2] = {2.25f, 0}, past_correction[2];
  ws::online_softmax_block(nothing.data(), 8, 2, 8, past_max, past_sum, past_correction);
  const bool zero = std::all_of(nothing.begin(), nothing.end(), [](float weight) { return weight == 0; });
  report("no_op", zero && past_max[0] == 1.5f && past_sum[0] == 2.25f && past_correction[0] == 1 && past_max[1] == masked &&
                      past_sum[1] == 0 && past_correction[1] == 1);
}
