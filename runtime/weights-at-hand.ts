/** The weights of a checkpoint that may lie on another machine, or be yet to come: building takes its config alone. */
import { type ModelWeightsCheck, modelWeightsCheck } from './check-weights.ts';
import { readCheckpointWeights } from './checkpoint-weights.ts';
import { WarpsmithError } from './errors.ts';
import { readGgufModel } from './gguf/open-gguf.ts';
import { locateModel } from './model-location.ts';

/**
 * What refuses an engine that they do not fit, by names, shapes and types; undefined where not all of them are there.
 *
 * @throws WarpsmithError `weights-invalid` for files that are damaged; what it returns throws `weights-missing` and `weights-invalid`.
 */
export async function checkOfWeightsAtHand(path: string): Promise<ModelWeightsCheck | undefined> {
  const location = await locateModel(path);
  if (location.kind === 'gguf') return modelWeightsCheck(readGgufModel(location.path).weights);
  try {
    return modelWeightsCheck(await readCheckpointWeights(location.path));
  } catch (error) {
    if (error instanceof WarpsmithError && error.code === 'weights-missing') return undefined;
    throw error;
  }
}
