/** A checkpoint in the Hugging Face layout or in a GGUF file, read and checked; weights are located, not loaded. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChatTemplate, loadChatTemplate } from './chat-template.ts';
import { type CheckpointWeights, readCheckpointWeights } from './checkpoint-weights.ts';
import { WarpsmithError } from './errors.ts';
import { type GenerationDefaults, loadGenerationDefaults } from './generation-config.ts';
import { openGguf } from './gguf/open-gguf.ts';
import { type JsonObject, readJsonObject } from './json-file.ts';
import { locateModel } from './model-location.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

/** What the `LLM` needs beside an engine. */
export interface ModelAssets {
  readonly tokenizer: Tokenizer;
  /** Null for a checkpoint that is not one of chat. */
  readonly chatTemplate: ChatTemplate | null;
  readonly generationDefaults: GenerationDefaults;
}

interface OpenedModel extends ModelAssets {
  /** Absolute: a directory, or a GGUF file. */
  readonly path: string;
  /** config.json as it stands, or as a GGUF file's metadata mean it; which keys a model needs is the model's business. */
  readonly config: JsonObject;
  readonly weights: CheckpointWeights;
}

/** Throws a `WarpsmithError` that names the file for anything missing, damaged or not understood. */
export async function openModel(path: string): Promise<OpenedModel> {
  const location = await locateModel(path);
  if (location.kind === 'gguf') return { path: location.path, ...openGguf(location.path) };
  const directory = location.path;
  const config = await readConfig(directory);
  const [assets, weights] = await Promise.all([openAssets(directory, config), readCheckpointWeights(directory)]);
  return { path: directory, config, weights, ...assets };
}

/** Tokenizer, chat template and defaults of sampling, for an engine that has its weights from elsewhere. */
async function openAssets(directory: string, config: JsonObject): Promise<ModelAssets> {
  const tokenizer = await loadTokenizer(directory);
  const [chatTemplate, generationDefaults] = await Promise.all([
    loadChatTemplate(directory, tokenizer.specialTokens),
    loadGenerationDefaults(directory, config, tokenizer),
  ]);
  return { tokenizer, chatTemplate, generationDefaults };
}

async function readConfig(directory: string): Promise<JsonObject> {
  const isDirectory = await stat(directory).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  const config = isDirectory ? await readJsonObject(join(directory, 'config.json')) : null;
  if (config !== null) return config;
  throw new WarpsmithError({
    code: 'file-missing',
    message: isDirectory ? `${directory} has no config.json.` : `There is no directory or file ${directory}.`,
    mend: `Point at a GGUF file or a directory in the Hugging Face layout (config.json, tokenizer.json and safetensors)${isDirectory ? '' : ', or name a model of the hub as owner/name'}.`,
  });
}
