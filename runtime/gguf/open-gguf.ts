/** A GGUF file as an opened model: config, tokenizer, chat template and defaults from its metadata; weights are located, not loaded. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatTemplate } from '../chat-template.ts';
import type { CheckpointWeights } from '../checkpoint-weights.ts';
import { throwProblems, WarpsmithError } from '../errors.ts';
import type { GenerationDefaults } from '../generation-config.ts';
import type { JsonObject } from '../json-file.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { limited } from './errors.ts';
import { MetadataReader } from './metadata-reader.ts';
import { modelConfig } from './model-config.ts';
import { modelWeights } from './model-weights.ts';
import { readModelHeader } from './split-files.ts';
import { readTokenizer } from './tokenizer.ts';

interface OpenedGguf {
  readonly config: JsonObject;
  readonly weights: CheckpointWeights;
  readonly tokenizer: Tokenizer;
  readonly chatTemplate: ChatTemplate | null;
  readonly generationDefaults: GenerationDefaults;
}

/** Throws a `WarpsmithError` that names the file for anything damaged, missing or not understood. */
export function openGguf(file: string): OpenedGguf {
  const { metadata, tensors } = readModelHeader(file);
  const reader = new MetadataReader(file, metadata);
  const { architecture, sizes, config } = modelConfig(reader, tensors);
  const weights = modelWeights(file, tensors, architecture, sizes);
  const { tokenizer, endOfText } = readTokenizer(reader);
  const template = reader.textOrNull('tokenizer.chat_template');
  const generationDefaults = defaultsOf(reader, endOfText);
  throwProblems(limited(reader.problems));
  const chatTemplate = template === null ? null : new ChatTemplate(template, tokenizer.specialTokens);
  return { config, weights, tokenizer, chatTemplate, generationDefaults };
}

/** What an engine is compiled from, and what it is to be given. */
export function readGgufModel(file: string): Pick<OpenedGguf, 'config' | 'weights'> {
  const { metadata, tensors } = readModelHeader(file);
  const { architecture, sizes, config } = modelConfig(new MetadataReader(file, metadata), tensors);
  return { config, weights: modelWeights(file, tensors, architecture, sizes) };
}

/** The one GGUF model of a directory, split or not; null where there is none. */
export async function ggufOf(directory: string): Promise<string | null> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.gguf')).sort();
  const models = names.filter((name) => !/-\d{5}-of-\d{5}\.gguf$/.test(name) || /-00001-of-\d{5}\.gguf$/.test(name));
  const [only, ...others] = models.length > 0 ? models : names;
  if (only === undefined) return null;
  if (others.length === 0) return join(directory, only);
  throw new WarpsmithError({
    code: 'weights-invalid',
    message: `${directory} has ${others.length + 1} GGUF files: ${[only, ...others].slice(0, 8).join(', ')}.`,
    mend: 'Name one of them in place of the directory.',
  });
}

/** What llama.cpp's converter keeps of generation_config.json, where it does. */
function defaultsOf(reader: MetadataReader, eosTokenIds: readonly number[]): GenerationDefaults {
  const topK = reader.numberOrNull('general.sampling.top_k', -1, 2 ** 31 - 1);
  return {
    temperature: reader.numberOrNull('general.sampling.temp', 0, 100),
    topP: reader.numberOrNull('general.sampling.top_p', 0, 1),
    // -1 and 0 are off.
    topK: topK === null ? null : Math.max(0, Math.round(topK)),
    minP: reader.numberOrNull('general.sampling.min_p', 0, 1),
    repetitionPenalty: null,
    eosTokenIds,
  };
}
