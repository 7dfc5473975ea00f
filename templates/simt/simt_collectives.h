// What a collective makes of the parts of its lanes. Included by simulator.cpp, in its namespace.

template <class Part>
Part& part_of(const Meeting& meeting, int lane) {
  return *static_cast<Part*>(meeting.parts[lane]);
}

template <class Visit>
void each_lane(const Meeting& meeting, const Visit& visit) {
  for (int lane = 0; lane < warp_size; ++lane)
    if ((meeting.arrived >> lane & 1u) != 0) visit(lane);
}

void perform_shuffle(const Meeting& meeting) {
  uint64_t values[warp_size] = {};
  each_lane(meeting, [&](int lane) { values[lane] = part_of<ShufflePart>(meeting, lane).value; });
  each_lane(meeting, [&](int lane) {
    ShufflePart& part = part_of<ShufflePart>(meeting, lane);
    if ((meeting.arrived >> part.source & 1u) == 0)
      stop(FaultKind::divergence, "lane " + std::to_string(lane) + " takes the value of lane " + std::to_string(part.source) +
                                      ", which is not in the shuffle");
    part.value = values[part.source];
  });
}

void perform_match(const Meeting& meeting) {
  uint64_t values[warp_size] = {};
  each_lane(meeting, [&](int lane) { values[lane] = part_of<VotePart>(meeting, lane).value; });
  each_lane(meeting, [&](int lane) {
    uint64_t equal = 0;
    each_lane(meeting, [&](int other) { equal |= uint64_t(values[other] == values[lane]) << other; });
    part_of<VotePart>(meeting, lane).value = equal;
  });
}

/** All lanes get reduce(so far, lane, its value). */
template <class Reduce>
void perform_vote(const Meeting& meeting, uint64_t start, const Reduce& reduce) {
  uint64_t result = start;
  each_lane(meeting, [&](int lane) { result = reduce(result, lane, part_of<VotePart>(meeting, lane).value); });
  each_lane(meeting, [&](int lane) { part_of<VotePart>(meeting, lane).value = result; });
}

/** The elements of a register: the pair at (row, column), (row, column + 1). */
template <class Visit>
void each_of_pair(uint32_t pair, const Visit& visit) {
  visit(0, uint16_t(pair));
  visit(1, uint16_t(pair >> 16));
}

/** D[16][8] += A[16][16] * B[16][8]; lane 4 g + t holds what lib/mma.cuh says. */
template <float (*to_f32)(uint16_t)>
void perform_mma(const Meeting& meeting) {
  float a[16][16], b[16][8];
  each_lane(meeting, [&](int lane) {
    const MmaPart& part = part_of<MmaPart>(meeting, lane);
    const int g = lane / 4, t = lane % 4;
    for (int i = 0; i < 4; ++i)
      each_of_pair(part.a[i], [&](int e, uint16_t bits) { a[g + i % 2 * 8][2 * t + i / 2 * 8 + e] = to_f32(bits); });
    for (int i = 0; i < 2; ++i)
      each_of_pair(part.b[i], [&](int e, uint16_t bits) { b[2 * t + i * 8 + e][g] = to_f32(bits); });
  });
  each_lane(meeting, [&](int lane) {
    MmaPart& part = part_of<MmaPart>(meeting, lane);
    for (int i = 0; i < 4; ++i) {
      const int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
      for (int k = 0; k < 16; ++k) part.d[i] += a[row][k] * b[k][column];
    }
  });
}

/** Lane l names row l % 8 of matrix l / 8 and gets its pair of each matrix. */
void perform_load(const Meeting& meeting, bool transposed) {
  uint16_t matrices[4][8][8];
  each_lane(meeting, [&](int lane) {
    const void* const row = part_of<LoadPart>(meeting, lane).row;
    block.clock.who = block.who(block.current() / warp_size * warp_size + lane);
    check_alignment(row, 16);
    check<false>(uintptr_t(row), 16);
    std::memcpy(matrices[lane / 8][lane % 8], row, 16);
  });
  each_lane(meeting, [&](int lane) {
    const int g = lane / 4, t = lane % 4;
    for (int i = 0; i < 4; ++i) {
      const auto& matrix = matrices[i];
      const uint32_t low = transposed ? matrix[2 * t][g] : matrix[g][2 * t];
      const uint32_t high = transposed ? matrix[2 * t + 1][g] : matrix[g][2 * t + 1];
      part_of<LoadPart>(meeting, lane).to[i] = high << 16 | low;
    }
  });
}

void perform(const Meeting& meeting) {
  switch (meeting.kind) {
    case Collective::sync: return;
    case Collective::shuffle: return perform_shuffle(meeting);
    case Collective::match: return perform_match(meeting);
    case Collective::ballot:
      return perform_vote(meeting, 0, [](uint64_t all, int lane, uint64_t value) { return all | value << lane; });
    case Collective::add:
      return perform_vote(meeting, 0, [](uint64_t all, int, uint64_t value) { return all + value; });
    case Collective::least:
      return perform_vote(meeting, INT64_MAX,
                          [](uint64_t all, int, uint64_t value) { return uint64_t(std::min(int64_t(all), int64_t(value))); });
    case Collective::greatest:
      return perform_vote(meeting, uint64_t(INT64_MIN),
                          [](uint64_t all, int, uint64_t value) { return uint64_t(std::max(int64_t(all), int64_t(value))); });
    case Collective::bit_and:
      return perform_vote(meeting, ~uint64_t(0), [](uint64_t all, int, uint64_t value) { return all & value; });
    case Collective::bit_or:
      return perform_vote(meeting, 0, [](uint64_t all, int, uint64_t value) { return all | value; });
    case Collective::bit_xor:
      return perform_vote(meeting, 0, [](uint64_t all, int, uint64_t value) { return all ^ value; });
    case Collective::mma_bf16: return perform_mma<f32_of_bf16>(meeting);
    case Collective::mma_f16: return perform_mma<f32_of_f16>(meeting);
    case Collective::load: return perform_load(meeting, false);
    case Collective::load_transposed: return perform_load(meeting, true);
  }
}
