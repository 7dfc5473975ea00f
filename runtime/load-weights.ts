/** Binds a program's weights to the rows of the checkpoint that the manifest names, in place, and fills its constants. */
import type { ManifestProgram, ManifestSegment, ManifestValue } from '../codegen/manifest.ts';
import type { CheckpointWeights } from './checkpoint-weights.ts';
import { type Problem, throwProblems } from './errors.ts';
import type { NativeEngine } from './native.ts';
import { interleavedRows, rowBytes, type TensorLocation, weightTypes } from './weight-types.ts';

const MOST_TOLD = 8;

/** Buffers of older exports that follow from the config, and the output layer that is tied to the embedding. */
const DERIVED = /\.(?:rotary_emb\.inv_freq|masked_bias|attn\.bias)$|^lm_head\.weight$/;

/**
 * Throws a WarpsmithError that names the tensors that are missing, misshapen or of a type the engine cannot take; with `takesAll`
 * those that the program has no use for too, without which the model would be another.
 */
export function loadWeights(
  native: NativeEngine,
  program: ManifestProgram,
  weights: CheckpointWeights,
  takesAll = false,
): void {
  const problems: Problem[] = takesAll ? strangers(program, weights) : [];
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
  throwProblems(problems, MOST_TOLD);
}

function strangers(program: ManifestProgram, weights: CheckpointWeights): Problem[] {
  const known = new Set(program.values.flatMap(({ segments }) => segments?.map(({ tensor }) => tensor) ?? []));
  return [...weights.tensors.keys()]
    .filter((name) => !known.has(name) && !DERIVED.test(name))
    .map((name) => ({
      code: 'weights-invalid',
      message: `The checkpoint has a tensor ${name}, which its architecture does not know.`,
      mend: 'Merge adapters into the weights first, or give a model function that uses it (--model FILE.ts).',
    }));
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
  const type = weightTypes[tensor.dtype];
  if (type === undefined) {
    return {
      code: 'weights-invalid',
      message: `${segment.tensor} is of type ${tensor.dtype}.`,
      mend: `Use a checkpoint of ${Object.keys(weightTypes).join(', ')} tensors.`,
    };
  }
  if (segment.totalColumns % type.blockElements === 0) return null;
  return {
    code: 'weights-invalid',
    message: `${segment.tensor} is of type ${tensor.dtype}, whose blocks of ${type.blockElements} its rows of ${segment.totalColumns} are not made of.`,
    mend: 'Use a file in which vectors and such tensors are F32, F16 or BF16.',
  };
}
