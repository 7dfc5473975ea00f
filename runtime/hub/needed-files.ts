/** Which files of a repository a model is run from: those that the runtime reads, and no other. */
import { join } from 'node:path';
import { indexFile, parseIndex, singleFile } from '../checkpoint-weights.ts';
import { WarpsmithError } from '../errors.ts';
import { readTextFile } from '../json-file.ts';
import { sizeOfFile } from './cache.ts';

/** `config`: what a compiler reads. `model`: all that a model is run from. */
export type Need = 'config' | 'model';

const configFile = 'config.json';
const tokenizerFile = 'tokenizer.json';
const optionalFiles = ['generation_config.json', 'tokenizer_config.json', 'chat_template.jinja'];

export interface NeededFiles {
  /** Everything but the weights, in the order that they are worth having. */
  readonly small: readonly string[];
  /** The index that names the shards of the weights, or none. */
  readonly index: readonly string[];
  /** The one file of the weights, or none. */
  readonly single: readonly string[];
}

/** Throws `file-missing` and `weights-missing` for a repository that no model can be run from, before anything is fetched. */
export function neededFiles(listed: ReadonlySet<string>, need: Need, repository: string): NeededFiles {
  if (!listed.has(configFile)) throw missing(repository, configFile);
  if (need === 'config') return { small: [configFile], index: [], single: [] };
  const index = [indexFile].filter((name) => listed.has(name));
  const single = [singleFile].filter((name) => index.length === 0 && listed.has(name));
  if (index.length + single.length === 0) throw weightsMissing(repository, listed);
  if (!listed.has(tokenizerFile)) throw missing(repository, tokenizerFile);
  return { small: [configFile, tokenizerFile, ...optionalFiles.filter((name) => listed.has(name))], index, single };
}

/** The shards that the index of a directory names. Throws `weights-invalid` and `json-invalid` for an index that is none. */
export async function weightFiles(index: readonly string[], directory: string): Promise<readonly string[]> {
  const [name] = index;
  if (name === undefined) return [];
  const path = join(directory, name);
  return [...new Set(parseIndex((await readTextFile(path)) ?? '', path).values())].sort();
}

/** Throws `weights-missing` for shards that the index names and the repository does not have. */
export function checkListed(shards: readonly string[], listed: ReadonlySet<string>, repository: string): void {
  const absent = shards.filter((name) => !listed.has(name));
  if (absent.length === 0) return;
  throw new WarpsmithError({
    code: 'weights-missing',
    message: `${indexFile} of ${repository} names ${some(absent)}, which the repository does not have.`,
    mend: 'Give another --revision, or tell those who uploaded it.',
  });
}

/** What a snapshot on the disk lacks. Optional files are not counted: who fetched the rest fetched those that there are. */
export async function missingFiles(directory: string, need: Need): Promise<readonly string[]> {
  const has = async (name: string) => (await sizeOfFile(join(directory, name))) !== null;
  const absent = async (names: readonly string[]) => {
    const found = await Promise.all(names.map(has));
    return names.filter((_, place) => !found[place]);
  };
  if (need === 'config') return absent([configFile]);
  const weights = (await has(indexFile))
    ? await weightFiles([indexFile], directory).catch(() => [indexFile])
    : [singleFile];
  return absent([configFile, tokenizerFile, ...weights]);
}

function missing(repository: string, name: string): WarpsmithError {
  return new WarpsmithError({
    code: 'file-missing',
    message: `${repository} on the hub has no ${name}.`,
    mend: `Give a repository of a model in the layout of transformers, which has a ${name} beside its weights.`,
  });
}

function weightsMissing(repository: string, listed: ReadonlySet<string>): WarpsmithError {
  const others = [...listed].filter((name) => /\.(?:bin|pth?|h5|msgpack|gguf|onnx|safetensors)$/.test(name)).sort();
  const isPickled = others.some((name) => /\.(?:bin|pth?)$/.test(name));
  return new WarpsmithError({
    code: 'weights-missing',
    message: `${repository} on the hub has no ${singleFile} and no ${indexFile}${others.length === 0 ? '' : `; its weights are ${some(others)}`}.`,
    mend: isPickled
      ? 'Weights in .bin and .pt files are pickled programs and are not loaded: give a repository that has them as safetensors, or convert them with save_pretrained of transformers.'
      : 'Give a repository that has the weights as safetensors.',
  });
}

function some(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
