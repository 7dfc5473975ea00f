// Which tile of a product a block computes. Neighbouring blocks take other rows of the same columns, so that a tile of weights
// is read from device memory once.
#pragma once

#include "target.cuh"

namespace ws {

template <int ROWS, int COLUMNS>
struct TilePlace {
  int row_begin;
  int row_count;
  int column_begin;
  int column_count;
  /** Of the axes that both operands share. */
  int batch;

  WS_DEVICE TilePlace(int unit, int rows, int columns) {
    const int row_tiles = (rows + ROWS - 1) / ROWS;
    const int column_tiles = (columns + COLUMNS - 1) / COLUMNS;
    row_begin = unit % row_tiles * ROWS;
    column_begin = unit / row_tiles % column_tiles * COLUMNS;
    batch = unit / row_tiles / column_tiles;
    row_count = rows - row_begin < ROWS ? rows - row_begin : ROWS;
    column_count = columns - column_begin < COLUMNS ? columns - column_begin : COLUMNS;
  }
};

}  // namespace ws
