/** Whether the tensors of a checkpoint are those that a program's weights are made of, by their headers alone. */
import type { Manifest, ManifestProgram, ManifestSegment, ManifestValue } from '../codegen/manifest.ts';
import type { CheckpointWeights } from './checkpoint-weights.ts';
import { type Problem, throwProblems } from './errors.ts';
import { isDerived, type TensorLocation, weightTypes } from './weight-types.ts';

const MOST_TOLD = 8;

/** `checkWeights` for the step of a model's engine, built or about to be. */
export type ModelWeightsCheck = (manifest: Pick<Manifest, 'programs' | 'model'>) => void;

export function modelWeightsCheck(weights: CheckpointWeights): ModelWeightsCheck {
  return ({ programs: [program], model }) => {
    if (program) checkWeights(program, weights, model?.takesAllTensors);
  };
}

/**
 * Throws a WarpsmithError that names the tensors that are missing, misshapen or of a type the engine cannot take; with `takesAll`
 * those that the program has no use for too, without which the model would be another.
 */
export function checkWeights(program: ManifestProgram, weights: CheckpointWeights, takesAll = false): void {
  const problems = takesAll ? strangers(program, weights) : [];
  for (const value of program.values) {
    for (const segment of value.segments ?? []) {
      const problem = problemOf(weights.tensors.get(segment.tensor), segment, value);
      if (problem) problems.push(problem);
    }
  }
  throwProblems(problems, MOST_TOLD);
}

function strangers(program: ManifestProgram, weights: CheckpointWeights): Problem[] {
  const known = new Set(program.values.flatMap(({ segments }) => segments?.map(({ tensor }) => tensor) ?? []));
  return [...weights.tensors.keys()]
    .filter((name) => !known.has(name) && !isDerived(name))
    .map((name) => ({
      code: 'weights-invalid',
      message: `The checkpoint has a tensor ${name}, which its architecture does not know.`,
      mend: 'Merge adapters into the weights first, or give a model function that uses it (--model FILE.ts).',
    }));
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
