/** The models that are measured: the embedded checkpoint, and shapes of bench/shapes/ or a config.json with random weights. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfigText } from '../codegen/model.ts';
import { type ModelConfig, parseConfig } from '../dsl/models/index.ts';
import { randomCheckpoint } from './random-checkpoint.ts';

export interface Shape {
  readonly name: string;
  /** A folder with config.json and safetensors. */
  readonly checkpoint: string;
  readonly config: ModelConfig;
}

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SEED = 0;

export const DEFAULT_SHAPES = { cpu: ['tiny', '135m'], cuda: ['tiny', '0.6b'] } as const;

/** `name`: `tiny`, a file of bench/shapes/, the path of a config.json, or a checkpoint's folder. Throws for any other. */
export async function openShape(name: string): Promise<Shape> {
  const embedded = join(ROOT, 'models', name);
  const folder = [embedded, name].find((path) => existsSync(join(path, 'model.safetensors')));
  if (folder !== undefined) return { name, checkpoint: folder, config: configOf(readConfigText(folder)) };
  const file = [join(ROOT, 'bench/shapes', `${name}.json`), name].find(
    (path) => existsSync(path) && statSync(path).isFile(),
  );
  if (file === undefined)
    throw new Error(`There is no shape ${name}: name a file of bench/shapes/, a config.json or a checkpoint.`);
  const text = readFileSync(file, 'utf8');
  return { name, checkpoint: await randomCheckpoint(text, SEED), config: configOf(text) };
}

function configOf(text: string): ModelConfig {
  const parsed = parseConfig(JSON.parse(text));
  if (!parsed.ok) throw new Error(parsed.errors.map((error) => `${error.message} ${error.mend}`).join('\n'));
  return parsed.config;
}
