// Who touched memory, and when: the rules by which an access is no race, read something, and met no copy under way.
//
// Time is counted in stamps: a launch, a block and each barrier of a block take the next one, so that a stamp is never that of
// another block and nothing has to be cleared. Within a stamp a warp counts its own synchronisations: phases.
#pragma once

#include <cstdint>

namespace simt {

/** A thread at a moment: bits 0 … 9 its number, 10 and 11 what is said below, from 12 on its phase. */
using Who = uint32_t;
inline constexpr Who THREAD = 0x3ff, WARP = 0x3e0, PHASE_ONE = 1 << 12;
/** Of a write: it was atomic; it is a copy that was started and not waited for. */
inline constexpr Who ATOMIC = 1 << 10, UNDER_WAY = 1 << 11;
/** Of a read: other lanes of the warp read in the same phase; threads of other warps read under the same stamp. */
inline constexpr Who LANES = 1 << 10, WARPS = 1 << 11;

/** The last write and the reads since the last barrier, of two bytes. */
struct Cell {
  uint32_t write_stamp;
  Who writer;
  uint32_t read_stamp;
  Who reader;
};

enum class Hazard { none, race_with_write, race_with_read, under_way, unwritten, other_block };

struct Clock {
  /** Stamps of the launch, of the block, and of now. */
  uint32_t launch = 0;
  uint32_t block = 0;
  uint32_t now = 0;
  /** The thread that runs. */
  Who who = 0;
  /** The block has synchronised with earlier ones by an atomic operation. */
  bool follows_blocks = false;
};

/** Whether what `before` did under the same stamp comes before what `now` does. */
inline bool ordered(Who before, Who now) {
  const Who differs = before ^ now;
  return (differs & THREAD) == 0 || ((differs & WARP) == 0 && before / PHASE_ONE < now / PHASE_ONE);
}

/** `shared`: of shared memory, which begins every block unwritten. */
template <bool shared>
inline Hazard read(Cell& cell, const Clock& clock) {
  if (cell.write_stamp >= clock.block) {
    if ((cell.writer & UNDER_WAY) != 0) return Hazard::under_way;
    if (cell.write_stamp == clock.now && !ordered(cell.writer, clock.who)) return Hazard::race_with_write;
  } else {
    if (shared) return Hazard::unwritten;
    if (cell.write_stamp >= clock.launch && !clock.follows_blocks) return Hazard::other_block;
  }
  if (cell.read_stamp != clock.now) {
    cell.read_stamp = clock.now;
    cell.reader = clock.who;
  } else if ((cell.reader & WARPS) == 0) {
    const Who differs = cell.reader ^ clock.who;
    if ((differs & WARP) != 0) cell.reader |= WARPS;
    else if (cell.reader / PHASE_ONE < clock.who / PHASE_ONE) cell.reader = clock.who;
    else if ((differs & THREAD) != 0) cell.reader |= LANES;
  }
  return Hazard::none;
}

/** `kind`: 0, ATOMIC or UNDER_WAY. */
template <bool shared>
inline Hazard write(Cell& cell, const Clock& clock, Who kind) {
  if (cell.write_stamp >= clock.block) {
    if ((cell.writer & UNDER_WAY) != 0) return Hazard::under_way;
    const bool atomics = (cell.writer & kind & ATOMIC) != 0;
    if (cell.write_stamp == clock.now && !atomics && !ordered(cell.writer, clock.who)) return Hazard::race_with_write;
  } else if (!shared && cell.write_stamp >= clock.launch && !clock.follows_blocks) {
    if ((cell.writer & kind & ATOMIC) == 0) return Hazard::other_block;
  }
  if (cell.read_stamp == clock.now) {
    const bool others = (cell.reader & (LANES | WARPS)) != 0;
    const bool apart = others ? (cell.reader & WARPS) != 0 || ((cell.reader ^ clock.who) & WARP) != 0 ||
                                    cell.reader / PHASE_ONE >= clock.who / PHASE_ONE
                              : !ordered(cell.reader, clock.who);
    if (apart) return Hazard::race_with_read;
  } else if (!shared && cell.read_stamp >= clock.launch && cell.read_stamp < clock.block && !clock.follows_blocks) {
    return Hazard::other_block;
  }
  cell.write_stamp = clock.now;
  cell.writer = (clock.who & ~(ATOMIC | UNDER_WAY)) | kind;
  return Hazard::none;
}

}  // namespace simt
