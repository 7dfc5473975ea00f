// A weight matrix where the checkpoint left it: a merged projection is a list of row segments of mapped files.
#pragma once

#include <cstdint>

namespace ws {

/** Rows [previous end, end) lie at base, `stride` elements apart. */
struct Segment {
  int32_t begin;
  int32_t end;
  const char* base;
  int64_t stride_bytes;
};

struct Segments {
  static constexpr int most = 16;
  int count = 0;
  Segment segment[most];
};

template <class T>
class Matrix {
 public:
  explicit Matrix(const Segments& segments) : segments_(segments) {}

  const T* row(int index) const {
    int place = 0;
    while (index >= segments_.segment[place].end) ++place;
    const Segment& segment = segments_.segment[place];
    return reinterpret_cast<const T*>(segment.base + (index - segment.begin) * segment.stride_bytes);
  }

 private:
  const Segments& segments_;
};

}  // namespace ws
