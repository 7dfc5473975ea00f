/** The tensors of a checkpoint directory: one safetensors file, or shards under an index. */
import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Problem, throwProblems, WarpsmithError } from './errors.ts';
import { describe, isJsonObject, parseJson, readTextFile } from './json-file.ts';
import { duplicateKeys } from './json-keys.ts';
import { readSafetensorsHeader } from './safetensors.ts';
import { isDerived, type TensorLocation } from './weight-types.ts';

const MOST_TOLD = 8;

export interface CheckpointWeights {
  /** The files that hold the tensors, in the order of their names. */
  readonly files: readonly string[];
  readonly tensors: ReadonlyMap<string, TensorLocation>;
}

export const singleFile = 'model.safetensors';
export const indexFile = 'model.safetensors.index.json';

/** Reads the headers only. Throws `weights-missing`, `weights-invalid`, `json-invalid` and `file-unreadable`. */
export async function readCheckpointWeights(directory: string): Promise<CheckpointWeights> {
  const index = await readTextFile(join(directory, indexFile));
  if (index !== null) return readShards(directory, index);
  const file = join(directory, singleFile);
  if (!(await exists(file))) {
    throw new WarpsmithError({
      code: 'weights-missing',
      message: `${directory} has neither ${singleFile} nor ${indexFile}.`,
      mend: 'Point at a checkpoint directory in the Hugging Face layout, with its weights as safetensors.',
    });
  }
  const { tensors, problems } = await readSafetensorsHeader(file);
  throwProblems(problems);
  return { files: [file], tensors };
}

/**
 * The index says which shard a tensor is taken from, where several hold it. One that no line names means an index of other
 * weights: transformers would use the tensor, and a loader that goes by the index would not. What `isDerived`
 * may be in the one and not in the other: an index of older weights names it; a model that is not tied is refused later.
 */
async function readShards(directory: string, index: string): Promise<CheckpointWeights> {
  const shardOf = parseIndex(index, join(directory, indexFile));
  const names = [...new Set(shardOf.values())].sort();
  const problems: Problem[] = [];
  const headers = new Map<string, ReadonlyMap<string, TensorLocation>>();
  for (const name of names) {
    const file = join(directory, name);
    if (!(await exists(file))) {
      problems.push(weightsProblem('weights-missing', `${file} is named in ${indexFile} and is not there.`));
      continue;
    }
    const header = await readSafetensorsHeader(file);
    problems.push(...header.problems);
    headers.set(name, header.tensors);
  }
  throwProblems(problems);

  const tensors = new Map<string, TensorLocation>();
  for (const [tensor, name] of shardOf) {
    const location = headers.get(name)?.get(tensor);
    if (location) tensors.set(tensor, location);
    else if (!isDerived(tensor))
      problems.push(
        weightsProblem('weights-invalid', `${indexFile} has ${JSON.stringify(tensor)} in ${name}, which lacks it.`),
      );
  }
  for (const [name, tensorsOfShard] of headers)
    for (const tensor of tensorsOfShard.keys())
      if (!shardOf.has(tensor) && !isDerived(tensor))
        problems.push(
          weightsProblem('weights-invalid', `${name} has ${JSON.stringify(tensor)}, which ${indexFile} does not name.`),
        );
  throwProblems(problems, MOST_TOLD);
  return { files: names.map((name) => join(directory, name)), tensors };
}

/** Tensor to shard. A shard is a file of the same directory: a path would reach out of the checkpoint. */
export function parseIndex(text: string, path: string): ReadonlyMap<string, string> {
  const json = parseJson(text, path);
  const map = isJsonObject(json) ? json.weight_map : undefined;
  if (!isJsonObject(map)) throw new WarpsmithError(weightsProblem('weights-invalid', `${path} has no weight_map.`));
  const problems = duplicateKeys(text).map((key) =>
    weightsProblem('weights-invalid', `${path} names ${JSON.stringify(key)} twice.`),
  );
  const shardOf = new Map<string, string>();
  for (const [tensor, shard] of Object.entries(map)) {
    if (
      typeof shard === 'string' &&
      shard.endsWith('.safetensors') &&
      shard === basename(shard) &&
      !shard.includes('\\')
    ) {
      shardOf.set(tensor, shard);
    } else {
      const where = `${path} has ${JSON.stringify(tensor)} in ${typeof shard === 'string' ? JSON.stringify(shard) : describe(shard)}`;
      problems.push(weightsProblem('weights-invalid', `${where}, which is no .safetensors file beside it.`));
    }
  }
  throwProblems(problems, MOST_TOLD);
  return shardOf;
}

function weightsProblem(code: 'weights-missing' | 'weights-invalid', message: string): Problem {
  return {
    code,
    message,
    mend: 'Fetch the checkpoint again; every shard that its index names belongs in its directory.',
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
