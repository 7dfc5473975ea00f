/** Binds a program's weights to the rows of the checkpoint that the manifest names, in place, and fills its constants. */
import type { ManifestProgram, ManifestSegment, ManifestValue } from '../codegen/manifest.ts';
import type { CheckpointWeights } from './checkpoint-weights.ts';
import { type Problem, throwProblems } from './errors.ts';
import type { NativeEngine } from './native.ts';
import type { TensorLocation } from './safetensors.ts';

/** Storage numbers of the ABI. */
const STORAGES: Readonly<Record<string, { readonly code: number; readonly bytes: number }>> = {
  BF16: { code: 0, bytes: 2 },
  F16: { code: 1, bytes: 2 },
  F32: { code: 2, bytes: 4 },
};

/** Throws a WarpsmithError that names every tensor that is missing, misshapen or of a type the engine cannot take. */
export function loadWeights(native: NativeEngine, program: ManifestProgram, weights: CheckpointWeights): void {
  const problems: Problem[] = [];
  const files = new Map<string, number>();
  for (const [index, value] of program.values.entries()) {
    if (value.kind === 'constant') native.write(index, 0, Float32Array.from(value.data ?? []));
    for (const segment of value.segments ?? []) {
      const tensor = weights.tensors.get(segment.tensor);
      const problem = problemOf(tensor, segment, value);
      if (problem || !tensor) {
        if (problem) problems.push(problem);
        continue;
      }
      const file = files.get(tensor.file) ?? native.mapFile(tensor.file);
      files.set(tensor.file, file);
      loadSegment(native, index, file, tensor, segment);
    }
  }
  throwProblems(problems);
}

function loadSegment(
  native: NativeEngine,
  index: number,
  file: number,
  tensor: TensorLocation,
  segment: ManifestSegment,
): void {
  const storage = STORAGES[tensor.dtype];
  if (!storage) throw new Error(`dtype ${tensor.dtype} was checked before`);
  const rowBytes = segment.totalColumns * storage.bytes;
  const offset = tensor.byteOffset + segment.rowStart * rowBytes + segment.columnStart * storage.bytes;
  native.loadWeight(index, segment.rows, segment.columns, file, offset, rowBytes, storage.code);
}

function problemOf(tensor: TensorLocation | undefined, segment: ManifestSegment, value: ManifestValue): Problem | null {
  const mend = 'Check that config.json belongs to these weights.';
  if (!tensor) return { code: 'weights-missing', message: `The checkpoint has no tensor ${segment.tensor}.`, mend };
  const wanted =
    value.shape.length === 1 ? [segment.totalRows * segment.totalColumns] : [segment.totalRows, segment.totalColumns];
  if (wanted.join() !== tensor.shape.join()) {
    return {
      code: 'weights-invalid',
      message: `${segment.tensor} has the shape [${tensor.shape.join(', ')}]; the model takes [${wanted.join(', ')}].`,
      mend,
    };
  }
  if (STORAGES[tensor.dtype]) return null;
  return {
    code: 'weights-invalid',
    message: `${segment.tensor} is of type ${tensor.dtype}.`,
    mend: 'Use a checkpoint of BF16, F16 or F32 tensors.',
  };
}
