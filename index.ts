/**
 * Warpsmith: load a checkpoint or a built engine and generate text. The one place where the runtime and the compiler meet; the
 * compiler is loaded only when an engine has to be built.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelWeightsCheck, modelWeightsCheck } from './runtime/check-weights.ts';
import { checkpointDirectory } from './runtime/checkpoint-directory.ts';
import { checkpointPath } from './runtime/embedded-model.ts';
import { openEngine } from './runtime/engine.ts';
import type { EngineOptions } from './runtime/engine-options.ts';
import { WarpsmithError } from './runtime/errors.ts';
import type { OnDownload } from './runtime/hub/events.ts';
import { readJsonObject } from './runtime/json-file.ts';
import { type LLMOptions, LLM as Runtime } from './runtime/llm.ts';
import { configTextOf } from './runtime/model-location.ts';
import { openModel } from './runtime/open-model.ts';
import { checkVocabulary } from './runtime/tokenizer-shape.ts';

/** How a model is found, built and run; what is left out is decided by the checkpoint and the machine. */
export interface LoadOptions extends EngineOptions, LLMOptions {
  /** The element type of activations, weights and cache; bf16 unless given. */
  readonly elements?: 'bf16' | 'f16' | 'f32';
  /** Positions in a block of the KV cache; 64 unless given. */
  readonly blockSize?: 16 | 32 | 64;
  /** A TypeScript file whose default export is the model's function. */
  readonly model?: string;
  /** Checks every access of a tensor while the engine runs; slow. */
  readonly checked?: boolean;
  /** What an engine is built for; the CPU unless given. */
  readonly target?: 'cpu' | 'cuda';
  /** Of GPUs that the engine holds code for; `sm_80` and `sm_90a` unless given. */
  readonly architectures?: readonly string[];
  /** The folder of a built engine for the checkpoint, in place of one that is built or in the cache. */
  readonly engine?: string;
  /** Of a model of the hub: a branch, a tag or a commit; `main` unless given. */
  readonly revision?: string;
  /** Told what a build is at, in a few words. */
  readonly onProgress?: (text: string) => void;
  /** What a download from the hub tells. */
  readonly onDownload?: OnDownload;
  /** Ends a download or a build. */
  readonly signal?: AbortSignal;
}

/** A language model, ready to generate and to score. `await LLM.load(path)` opens one; `close` frees it. */
export class LLM extends Runtime {
  /**
   * Opens a checkpoint's folder or GGUF file (its engine is built, or taken from the cache), the folder of a built engine, or a model
   * of the hub by its name, which is fetched into the hub's cache; `models/tiny` is the checkpoint that the package brings.
   *
   * @throws WarpsmithError `option-invalid`; of the checkpoint what `checkpointDirectory` throws, and `file-missing`, `file-unreadable`,
   * `json-invalid`, `config-invalid`, `weights-missing`, `weights-invalid`, `tokenizer-invalid`, `tokenizer-mismatch`; of the engine
   * `engine-invalid`, `engine-mismatch`, `engine-failed`.
   * @throws CompileError where an engine has to be built, as `compileModel` of `warpsmith/codegen` does.
   */
  static async load(path: string, options: LoadOptions = {}): Promise<LLM> {
    const modelOrEngine = checkpointPath(path);
    // A checkpoint may have a manifest.json of some other program's.
    const built = existsSync(join(modelOrEngine, 'manifest.json')) && !existsSync(join(modelOrEngine, 'config.json'));
    let engineDirectory = built ? modelOrEngine : options.engine;
    if (engineDirectory !== undefined) refuseBuildOptions(engineDirectory, options);
    const { revision, onDownload, signal } = options;
    // A model that cannot be built is told before its weights are fetched.
    const onConfig = async (directory: string) => {
      engineDirectory ??= await buildEngine(directory, options);
    };
    const checkpoint = await checkpointDirectory(built ? await checkpointOf(modelOrEngine) : modelOrEngine, {
      revision,
      onConfig,
      onDownload,
      signal,
    });
    const assets = await openModel(checkpoint);
    engineDirectory ??= await buildEngine(checkpoint, options, (manifest) => {
      modelWeightsCheck(assets.weights)(manifest);
      if (manifest.model) checkVocabulary(assets.tokenizer, manifest.model.vocabSize);
    });
    const engine = openEngine(engineDirectory, assets.weights, options);
    try {
      return new LLM({ engine, assets, options });
    } catch (error) {
      engine.close();
      throw error;
    }
  }
}

/** `onManifest` refuses weights and tokenizer before a compiler runs; without it they are yet to come. */
async function buildEngine(checkpoint: string, options: LoadOptions, onManifest?: ModelWeightsCheck): Promise<string> {
  const { compileModel } = await import('./codegen/model.ts');
  const config = await configTextOf(checkpoint);
  return (await compileModel(checkpoint, { ...options, config, onManifest })).directory;
}

/** What an engine is built with, by the name of the option. */
const BUILD_OPTIONS = ['elements', 'blockSize', 'model', 'checked', 'target', 'architectures'] as const;

/** Throws `option-invalid` for options that an engine which is built already would not follow. */
function refuseBuildOptions(engine: string, options: LoadOptions): void {
  const stray = BUILD_OPTIONS.filter((name) => options[name] !== undefined);
  if (stray.length === 0) return;
  throw new WarpsmithError({
    code: 'option-invalid',
    message: `${stray.join(' and ')} would change how an engine is built, and ${engine} is built already.`,
    mend: `Leave ${stray.length === 1 ? 'it' : 'them'} out, or give the checkpoint in place of the engine.`,
  });
}

/** Where the weights of a built engine's folder are. */
async function checkpointOf(engine: string): Promise<string> {
  const link = await readJsonObject(join(engine, 'checkpoint.json'));
  if (typeof link?.directory === 'string') return link.directory;
  throw new WarpsmithError({
    code: 'engine-invalid',
    message: `${engine} does not say which checkpoint it was built for.`,
    mend: 'Build it with warpsmith build MODEL --out DIR, or give the folder of the checkpoint.',
  });
}

export { checkpointDirectory } from './runtime/checkpoint-directory.ts';
export type { RaggedBatch } from './runtime/descriptor.ts';
export type { EngineOptions } from './runtime/engine-options.ts';
export { WarpsmithError } from './runtime/errors.ts';
export { type DownloadEvent, formatBytes } from './runtime/hub/events.ts';
export type { SnapshotOptions } from './runtime/hub/snapshot.ts';
export type { RequestOptions } from './runtime/llm.ts';
export { makeFolder } from './runtime/make-folder.ts';
export { configTextOf } from './runtime/model-location.ts';
export { type NativeLibrary, openLibrary } from './runtime/native.ts';
export {
  type CacheOptions,
  OperatorHandle,
  type OperatorOptions,
  type RaggedCounts,
  RaggedOperatorHandle,
} from './runtime/operator-handle.ts';
export { Program, type ProgramOptions, type TensorData } from './runtime/program.ts';
export type { Prompt } from './runtime/prompt.ts';
export type { GenerationResult, ScoreResult } from './runtime/results.ts';
export type { SamplingParams } from './runtime/sampling-params.ts';
export type { Statistics } from './runtime/statistics.ts';
export { checkOfWeightsAtHand } from './runtime/weights-at-hand.ts';
