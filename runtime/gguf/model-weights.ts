/** A GGUF file's tensors under the names of a checkpoint of transformers, each with the shape that the model takes. */
import type { CheckpointWeights } from '../checkpoint-weights.ts';
import { type Problem, throwProblems } from '../errors.ts';
import type { TensorLocation } from '../weight-types.ts';
import { type GgufArchitecture, type ModelSizes, modelTensors } from './architectures.ts';
import { ggufProblem, limited, quoted } from './errors.ts';

/** Read for the config, or by llama.cpp of old alone. */
const otherTensors = /^(?:rope_freqs\.weight|blk\.\d+\.attn_rot_embd(?:\.weight)?)$/;
/** A tensor has to be there: no layer has fewer. */
const leastTensorsInLayer = 9;

/** Throws a WarpsmithError that names each tensor that is missing, misshapen, or means a model that is not there. */
export function modelWeights(
  file: string,
  tensors: ReadonlyMap<string, TensorLocation>,
  architecture: GgufArchitecture,
  sizes: ModelSizes,
): CheckpointWeights {
  const problem = (what: string) =>
    ggufProblem(
      file,
      what,
      `Use a file of a whole ${architecture.name} model, without experts, adapters or projectors.`,
    );
  if (sizes.numLayers * leastTensorsInLayer > tensors.size) {
    throwProblems([problem(`has ${tensors.size} tensors, too few for ${sizes.numLayers} layers`)]);
  }
  const expected = modelTensors(architecture, sizes);
  const problems: Problem[] = [];
  const named = new Map<string, TensorLocation>();
  for (const [own, tensor] of tensors) {
    const wanted = expected.get(own);
    if (wanted === undefined) {
      if (!otherTensors.test(own))
        problems.push(problem(`has a tensor ${quoted(own)}, which is not part of a ${architecture.name} model here`));
    } else if (wanted.shape.join() !== tensor.shape.join()) {
      const shapes = `the shape [${tensor.shape.join(', ')}], where its metadata means [${wanted.shape.join(', ')}]`;
      problems.push(problem(`has a tensor ${quoted(own)} of ${shapes}`));
    } else {
      const { interleavedHeadRows } = wanted;
      named.set(wanted.name, { ...tensor, ...(interleavedHeadRows !== undefined && { interleavedHeadRows }) });
    }
  }
  for (const own of expected.keys()) if (!tensors.has(own)) problems.push(problem(`has no tensor ${quoted(own)}`));
  throwProblems(limited(problems));
  return { files: [...new Set([...named.values()].map((tensor) => tensor.file))], tensors: named };
}
