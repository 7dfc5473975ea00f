/** One program of a built library on tensors of the caller: how an author, a test or a benchmark runs a single operator. */
import type { ManifestProgram } from '../codegen/manifest.ts';
import { NO_BATCH, packDescriptor, type RaggedBatch } from './descriptor.ts';
import { WarpsmithError } from './errors.ts';
import type { NativeEngine, NativeLibrary } from './native.ts';

/** Elements, flat and row-major: bf16 and f16 as their bits, f32, i32. */
export type TensorData = Uint16Array | Float32Array | Int32Array;

/** What an instance of a program is made for: its threads, its largest counts and, of a paged cache, its blocks. */
export interface ProgramOptions {
  /** Threads of the CPU, in [0, 1024]; 0 or absent: one a physical core. */
  readonly threads?: number;
  /** The largest value that each count of the program will take: tokens, sequences, rows. */
  readonly capacities: Readonly<Record<string, number>>;
  /** Of a paged cache: entries of a row of the block table. */
  readonly blocksPerSequence?: number;
  /** Of a paged cache: its blocks. */
  readonly numBlocks?: number;
}

/** An instance of a program. Tensors are bound by name and read and written where they are; nothing is copied. */
export class Program {
  /** What it says of itself: counts, values, results. */
  readonly manifest: ManifestProgram;
  /** The C ABI below it. */
  readonly native: NativeEngine;

  /**
   * @throws WarpsmithError `engine-mismatch` for a name the library does not have, `engine-failed` for memory that cannot be had.
   */
  constructor(library: NativeLibrary, name: string, options: ProgramOptions) {
    const index = library.manifest.programs.findIndex((program) => program.name === name);
    const manifest = library.manifest.programs[index];
    if (!manifest) {
      throw new WarpsmithError({
        code: 'engine-mismatch',
        message: `the library has no program ${name}.`,
        mend: `Use one of ${library.manifest.programs.map((program) => program.name).join(', ')}.`,
      });
    }
    this.manifest = manifest;
    this.native = library.create(
      index,
      options.threads ?? 0,
      Int32Array.from(manifest.counts.map((count) => options.capacities[count] ?? 0)),
      options.blocksPerSequence ?? 0,
      options.numBlocks ?? 0,
    );
  }

  /**
   * Lets inputs, weights and states live in the caller's arrays, by their names; results too, by the names of the results.
   *
   * @throws WarpsmithError `engine-mismatch` for a name that the program does not have, `engine-failed` for an array that is too short.
   */
  bind(tensors: Readonly<Record<string, TensorData>>): void {
    for (const [name, data] of Object.entries(tensors)) this.native.bind(this.indexOf(name), data);
  }

  /**
   * Runs once on what is bound. `counts` by name; `batch` where an operator is ragged: tokens T beyond its own are padding.
   *
   * @throws WarpsmithError `engine-failed` for a count beyond its capacity, for a tensor that is not bound, and for what fails while it runs.
   */
  launch(counts: Readonly<Record<string, number>>, batch: RaggedBatch = NO_BATCH): void {
    const owned = batch.cuSeqlens.at(-1) ?? 0;
    const paddedTokens = batch === NO_BATCH ? 0 : Math.max(owned, counts.T ?? 0);
    this.native.launch(
      packDescriptor(
        this.manifest.counts.map((count) => counts[count] ?? 0),
        { ...batch, paddedTokens },
      ),
    );
  }

  /**
   * The place of a tensor among the manifest's values, by its name or that of a result.
   *
   * @throws WarpsmithError `engine-mismatch` for a name the program does not have.
   */
  indexOf(name: string): number {
    const result = this.manifest.results[name];
    if (result !== undefined && this.manifest.values[result]?.kind === 'result') return result;
    const index = this.manifest.values.findIndex((value) => value.name === name && value.kind !== 'arena');
    if (index >= 0) return index;
    throw new WarpsmithError({
      code: 'engine-mismatch',
      message: `${this.manifest.name} has no tensor ${name}.`,
      mend: `Use one of ${this.manifest.values.map((value) => value.name).join(', ')}.`,
    });
  }

  /** Frees the native memory; the program is not to be used afterwards. */
  close(): void {
    this.native.close();
  }
}
