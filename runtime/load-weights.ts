/** Binds a program's weights to the rows of the checkpoint that the manifest names, in place, and fills its constants. */
import type { ManifestProgram, ManifestSegment } from '../codegen/manifest.ts';
import { checkWeights } from './check-weights.ts';
import type { CheckpointWeights } from './checkpoint-weights.ts';
import type { NativeEngine } from './native.ts';
import { interleavedRows, rowBytes, type TensorLocation, weightTypes } from './weight-types.ts';

/** Throws what `checkWeights` does. */
export function loadWeights(
  native: NativeEngine,
  program: ManifestProgram,
  weights: CheckpointWeights,
  takesAll = false,
): void {
  checkWeights(program, weights, takesAll);
  const files = new Map<string, number>();
  for (const [index, value] of program.values.entries()) {
    if (value.kind === 'constant') native.write(index, 0, Float32Array.from(value.data ?? []));
    for (const segment of value.segments ?? []) {
      const tensor = weights.tensors.get(segment.tensor);
      if (!tensor) throw new Error(`${segment.tensor} was checked before`);
      const file = files.get(tensor.file) ?? native.mapFile(tensor.file);
      files.set(tensor.file, file);
      loadSegment(native, index, file, tensor, segment);
    }
  }
}

/** A segment may begin and end within a block of a row. */
function loadSegment(
  native: NativeEngine,
  index: number,
  file: number,
  tensor: TensorLocation,
  { rowStart, rows, columnStart, columns, totalColumns }: ManifestSegment,
): void {
  const type = weightTypes[tensor.dtype];
  if (!type) throw new Error(`dtype ${tensor.dtype} was checked before`);
  const rowStride = rowBytes(type, totalColumns);
  const headRows = tensor.interleavedHeadRows;
  const order = headRows === undefined ? null : interleavedRows(headRows, rowStart, rows);
  const offset = tensor.byteOffset + (order === null ? rowStart * rowStride : 0);
  const from = { file, encoding: type.encoding, offset, rowStride, firstColumn: columnStart };
  native.loadWeight(index, rows, columns, from, order);
}
