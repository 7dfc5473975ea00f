/** Compiles a checkpoint's model: config.json to a graph by its architecture's function, and on through the compiler. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Graph } from '../dsl/lang/graph.ts';
import { type ModelConfig, type ModelFunction, models, parseConfig } from '../dsl/models/index.ts';
import { cacheRoot, contentHash, replaceEntry } from './build/cache.ts';
import { findCompilers } from './build/compilers.ts';
import { copyEngine } from './build/copy-engine.ts';
import { diskProblem } from './build/disk-error.ts';
import type { Target } from './compile.ts';
import { CompileError, DiagnosticError } from './errors.ts';
import type { StorageType } from './ir/expression.ts';
import type { Manifest, ManifestModel } from './manifest.ts';
import { PACKAGE_ROOT, packageSources } from './package-sources.ts';
import { importModule } from './read/import-module.ts';

/** What a model is compiled for. */
export interface ModelOptions {
  /** The type of activations, weights and cache. */
  readonly elements?: 'bf16' | 'f16' | 'f32' | undefined;
  /** Positions in a block of the KV cache; 64 unless given. */
  readonly blockSize?: 16 | 32 | 64 | undefined;
  /** A TypeScript file whose default export is the model's function. */
  readonly model?: string | undefined;
  /** The text of config.json, for a checkpoint that is not a directory with that file. */
  readonly config?: string | undefined;
  /** A folder for the engine, instead of the cache. */
  readonly out?: string | undefined;
  /** False keeps every definition a kernel of its own. */
  readonly fuse?: boolean | undefined;
  /** Checks every access of a tensor while the engine runs; slow. */
  readonly checked?: boolean | undefined;
  /** The CPU unless given. */
  readonly target?: Target | undefined;
  /** Of GPUs, such as `sm_90a`. */
  readonly architectures?: readonly string[] | undefined;
  /** Told what a build is at, in a few words. */
  readonly onProgress?: ((text: string) => void) | undefined;
  /** Told what the engine holds, built or about to be; what it throws is thrown before a compiler runs. */
  readonly onManifest?: ((manifest: Pick<Manifest, 'programs' | 'model'>) => void) | undefined;
  /** Ends a build; what was compiled stays in the cache. */
  readonly signal?: AbortSignal | undefined;
}

/** Where an engine lies, and what building it took. */
export interface BuiltEngine {
  /** The engine's folder, absolute. */
  readonly directory: string;
  /** Source files that a compiler ran for; 0 where the engine was in the cache. */
  readonly compiled: number;
}

/**
 * The engine of a checkpoint, from the cache or built now.
 *
 * @throws CompileError `config-invalid`, `model-unsupported`, `file-missing`, `compiler-missing`, `build-failed`, `disk`,
 * `option-invalid` for an `out` that holds something else; the signal's reason.
 * @throws DiagnosticError for operators that do not compile.
 * @throws LanguageError what a model's function is refused for; see `trace`.
 */
export async function compileModel(checkpoint: string, options: ModelOptions = {}): Promise<BuiltEngine> {
  const directory = resolve(checkpoint);
  const config = options.config ?? readConfigText(directory);
  const key = options.model === undefined ? await engineKey(config, options) : null;
  const known = key === null ? null : knownEngine(key);
  if (known) options.onManifest?.(known.manifest);
  const built = known?.engine ?? (await buildModel(config, options));
  if (key !== null && !known) remember(key, built);
  if (options.out === undefined) return built;
  const link = { [CHECKPOINT_LINK]: `${JSON.stringify({ directory })}\n` };
  return { ...built, directory: await copyEngine(built.directory, options.out, link) };
}

/** In the folder of an engine that was built on its own: where its weights and tokenizer are. */
const CHECKPOINT_LINK = 'checkpoint.json';

async function buildModel(config: string, options: ModelOptions): Promise<BuiltEngine> {
  options.onProgress?.(generating(options));
  // The compiler costs half a second to load, which a cached engine need not pay; esbuild reads the author's file meanwhile.
  const [{ graph, model, modules }, { compileAndBuild }] = await Promise.all([
    modelGraph(config, options.model),
    import('./compile.ts'),
  ]);
  const result = await compileAndBuild([graph], modules, compileSettings(options, model), {
    onSource: (path, done, total) => options.onProgress?.(`compiled ${path} (${done} of ${total})`),
    ...(options.onManifest ? { onManifest: options.onManifest } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (result.ok) return { directory: result.directory, compiled: result.compiled };
  if ('diagnostics' in result) throw new DiagnosticError(result.diagnostics);
  throw new CompileError('build-failed', result.message, result.mend);
}

export function generating({ target }: Pick<ModelOptions, 'target'>): string {
  return `generating ${target === 'cuda' ? 'CUDA C' : 'C++'}`;
}

export function compileSettings(options: ModelOptions, model: ManifestModel | null) {
  const element: StorageType = options.elements ?? 'bf16';
  return {
    elements: { act: element, weight: element, cache: element },
    ...(options.blockSize === undefined ? {} : { blockSize: options.blockSize }),
    fuse: options.fuse ?? true,
    checked: options.checked ?? false,
    ...(options.target === undefined ? {} : { target: options.target }),
    ...(options.architectures === undefined ? {} : { architectures: options.architectures }),
    model,
  };
}

export interface ModelGraph {
  readonly graph: Graph;
  readonly model: ManifestModel;
  /** The modules that declare the operators which the graph calls, or import them. */
  readonly modules: readonly string[];
}

/** Traces the model of a config.json's text; `file` replaces the architecture's function. */
export async function modelGraph(configText: string, file?: string | undefined): Promise<ModelGraph> {
  const parsed = parseConfig(JSON.parse(configText));
  if (!parsed.ok) {
    throw new CompileError(
      'config-invalid',
      parsed.errors.map((error) => `config.json: ${error.message}`).join('\n'),
      parsed.errors.map((error) => error.mend).join(' '),
    );
  }
  const { config } = parsed;
  const graph = (await modelFunction(config, file))(config);
  const top = graph.values.find((value) => value.id === graph.results.topIds)?.shape.at(-1);
  return {
    graph,
    model: {
      architecture: config.architecture,
      vocabSize: config.vocabSize,
      maxModelLen: config.maxPositions,
      topCount: typeof top === 'number' ? top : 0,
      hiddenSize: config.hiddenSize,
      numLayers: config.numLayers,
      takesAllTensors: file === undefined,
    },
    modules: [join(PACKAGE_ROOT, 'dsl/index.ts'), ...(file === undefined ? [] : [resolve(file)])],
  };
}

async function modelFunction(config: ModelConfig, file: string | undefined): Promise<ModelFunction> {
  if (file !== undefined) {
    const module = await importUser(file);
    if (typeof module.default === 'function') return module.default as ModelFunction;
    throw new CompileError(
      'model-unsupported',
      `${file} has no default export that is a function.`,
      'Export default a function from the config to the graph of a step.',
    );
  }
  const found = Object.hasOwn(models, config.architecture) ? models[config.architecture] : undefined;
  if (found) return found;
  throw new CompileError(
    'model-unsupported',
    `the architecture ${config.architecture} is not among those there are: ${Object.keys(models).join(', ')}.`,
    'Use a checkpoint of one of them, or give a model function of your own with --model FILE.ts.',
  );
}

/** What keeps the caller's file from being loaded (it is not there, or throws) is the caller's to mend. */
async function importUser(file: string): Promise<{ readonly default?: unknown }> {
  const mend = 'Give a TypeScript file with --model.';
  if (!existsSync(file)) throw new CompileError('file-missing', `there is no file ${file}.`, mend);
  // A pipe or a device would be read for ever.
  if (!statSync(file).isFile()) throw new CompileError('file-missing', `${file} is no file.`, mend);
  try {
    return await importModule(resolve(file));
  } catch (error) {
    throw new CompileError(
      'model-unsupported',
      `${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      'Give a TypeScript file that Node can import.',
    );
  }
}

export function readConfigText(directory: string): string {
  const path = join(directory, 'config.json');
  try {
    // Opening a pipe would wait for ever.
    if (!statSync(path).isFile()) throw new Error('no regular file');
    const text = readFileSync(path, 'utf8');
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new CompileError(
      'config-invalid',
      `${path} ${error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'}.`,
      'Point at a checkpoint directory in the Hugging Face layout.',
    );
  }
}

/** Everything that an engine depends on: this package's sources, the config, the options, the compilers and the processor. */
async function engineKey(config: string, options: ModelOptions): Promise<string | null> {
  const found = await findCompilers(options.target ?? 'cpu', options.architectures ?? []);
  if (!found.ok) throw new CompileError('compiler-missing', found.message, found.mend);
  const { version, flags, processorFeatures } = found.toolchain;
  const { elements, blockSize, fuse, checked, target, architectures } = options;
  return contentHash(
    config,
    JSON.stringify({ elements, blockSize, fuse, checked, target, architectures }),
    version,
    flags.join(' '),
    processorFeatures.join(' '),
    found.nvcc?.version ?? '',
    ...packageSources(['dsl', 'codegen', 'templates']),
  );
}

/** A disk that is full now makes the next start slower, not this one fail. */
function remember(key: string, { directory }: BuiltEngine): void {
  try {
    replaceEntry('models', key, directory);
  } catch (error) {
    if (diskProblem(error, cacheRoot()) === null) throw error;
  }
}

function knownEngine(key: string): { readonly engine: BuiltEngine; readonly manifest: Manifest } | null {
  try {
    const directory = readFileSync(join(cacheRoot(), 'models', key), 'utf8');
    const manifest: Manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    return manifest.library ? { engine: { directory, compiled: 0 }, manifest } : null;
  } catch {
    return null;
  }
}
