// What the ABI says of rows in a file, as rows of its mapping.
#pragma once

#include "convert.h"
#include "memory.h"
#include "warpsmith.h"

namespace ws {

/** Bytes of the mapping from the rows' offset on; none where they begin behind its end. */
inline uint64_t bytes_behind(const Mapping& file, const ws_file_rows& rows) {
  return rows.offset < file.bytes() ? file.bytes() - rows.offset : 0;
}

inline FileRows rows_of(const Mapping& file, const ws_file_rows& rows, const int32_t* order) {
  return {file.data() + (bytes_behind(file, rows) == 0 ? 0 : rows.offset), rows.row_stride, static_cast<Encoding>(rows.encoding),
          rows.first_column, order};
}

}  // namespace ws
