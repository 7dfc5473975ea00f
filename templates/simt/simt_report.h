// The fault that stopped a launch, in words.
#pragma once

#include <string>

#include "simt_shadow.h"

namespace simt {

enum class FaultKind { none, out_of_bounds, race, unwritten, unfinished_copy, divergence, misaligned, trap };

/** As an error's name. */
inline const char* name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::none: return "no fault";
    case FaultKind::out_of_bounds: return "out of bounds";
    case FaultKind::race: return "race";
    case FaultKind::unwritten: return "read of unwritten memory";
    case FaultKind::unfinished_copy: return "copy not waited for";
    case FaultKind::divergence: return "divergent barrier";
    case FaultKind::misaligned: return "misaligned access";
    case FaultKind::trap: return "trap";
  }
  return "";
}

struct Fault {
  FaultKind kind = FaultKind::none;
  std::string text;
};

/** `writes 4 bytes at shared + 64`. */
inline std::string access_text(bool writes, size_t bytes, const std::string& where) {
  return std::string(writes ? "writes " : "reads ") + std::to_string(bytes) + " bytes at " + where;
}

inline std::string thread_text(Who who) { return "thread " + std::to_string(who & THREAD); }

/** The second half of a sentence that begins with who accesses what. */
inline Fault fault_of(Hazard hazard, const Cell& cell) {
  const std::string reader = (cell.reader & (LANES | WARPS)) != 0 ? thread_text(cell.reader) + " and others" : thread_text(cell.reader);
  switch (hazard) {
    case Hazard::none: return {};
    case Hazard::race_with_write:
      return {FaultKind::race, ", which " + thread_text(cell.writer) + " wrote, with no barrier between"};
    case Hazard::race_with_read: return {FaultKind::race, ", which " + reader + " read, with no barrier between"};
    case Hazard::under_way:
      return {FaultKind::unfinished_copy, ", where a copy that " + thread_text(cell.writer) + " started has not been waited for"};
    case Hazard::unwritten: return {FaultKind::unwritten, ", which no thread of the block has written"};
    case Hazard::other_block: return {FaultKind::race, ", which another block of the launch touched"};
  }
  return {};
}

}  // namespace simt
