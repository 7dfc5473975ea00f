/**
 * Single operators of a built library with names and types: what generated bindings are made of. The type checker holds a
 * caller to the tensors' names and element types; lengths, which only a call knows, are checked here.
 */
import type { ManifestProgram, ManifestValue } from '../codegen/manifest.ts';
import { NO_BATCH, type RaggedBatch } from './descriptor.ts';
import { type Problem, throwProblems } from './errors.ts';
import type { NativeLibrary } from './native.ts';
import { Program, type TensorData } from './program.ts';

/** What an instance of an operator is made for: its threads, and the largest value of each count. */
export interface OperatorOptions<Count extends string> {
  /** Threads of the CPU, in [0, 1024]; 0 or absent: one a physical core. */
  readonly threads?: number;
  /** The largest value that each count will take: tokens, sequences, rows. */
  readonly capacities: Readonly<Record<Count, number>>;
}

/** Of an operator with a paged cache. */
export interface CacheOptions {
  /** Blocks of the cache. */
  readonly numBlocks: number;
  /** Entries of a row of the block table. */
  readonly blocksPerSequence: number;
}

type Counts = Readonly<Record<string, number>>;

/** The counts of a call; left out where there are none. */
type CountArguments<Count extends string> = [Count] extends [never] ? [] : [counts: Readonly<Record<Count, number>>];

/** What both kinds share: the program, and the checks of a call. */
abstract class Handle<Tensors> {
  /** What it is made of. */
  readonly program: Program;
  readonly #options: OperatorOptions<string> & Partial<CacheOptions>;
  readonly #blockSize: number;

  /**
   * An instance of the library's program `name`, whose constants are computed and written.
   *
   * @throws WarpsmithError `engine-mismatch` for a name the library does not have, `engine-failed` for memory that cannot be had.
   */
  constructor(library: NativeLibrary, name: string, options: OperatorOptions<string> & Partial<CacheOptions>) {
    this.program = new Program(library, name, options);
    this.#options = options;
    this.#blockSize = library.manifest.blockSize;
    for (const [index, value] of this.program.manifest.values.entries())
      if (value.kind === 'constant') this.program.native.write(index, 0, Float32Array.from(value.data ?? []));
  }

  /** Frees the native memory; the handle is not to be used afterwards. */
  close(): void {
    this.program.close();
  }

  protected launch(tensors: Tensors, counts: Counts, batch: RaggedBatch): void {
    const { manifest } = this.program;
    throwProblems(manifest.counts.flatMap((count) => this.#countProblems(count, counts[count])));
    const given = Object.entries<unknown>(tensors as Readonly<Record<string, unknown>>);
    const expected = boundTensors(manifest);
    const unknown = given
      .filter(([name]) => !expected.has(name))
      .map(([name]) => unknownTensor(manifest, expected, name));
    const byName = new Map(given);
    const wrong = [...expected].flatMap(([name, value]) => this.#tensorProblems(name, value, byName.get(name), counts));
    throwProblems([...unknown, ...wrong]);
    const bound = [...expected].map(([name]) => [name, byName.get(name) as TensorData] as const);
    this.program.bind(Object.fromEntries(bound));
    this.program.launch(counts, batch);
  }

  #countProblems(name: string, count: number | undefined): readonly Problem[] {
    const most = this.#options.capacities[name] ?? 0;
    if (count !== undefined && Number.isInteger(count) && count >= 0 && count <= most) return [];
    const message = `${this.program.manifest.name} is called with ${name} = ${count}; its capacity is ${most}.`;
    return [callProblem(message, `Give a whole number from 0 to ${most}, or a larger capacity.`)];
  }

  #tensorProblems(name: string, value: ManifestValue, data: unknown, counts: Counts): readonly Problem[] {
    const operator = this.program.manifest.name;
    const kind = arrayOf[value.storage];
    if (!(data instanceof kind)) {
      const found = data === undefined ? 'nothing' : nameOf(data);
      return [
        callProblem(
          `${operator} takes ${name} as ${kind.name} (${value.storage}) and is given ${found}.`,
          `Give a ${kind.name}.`,
        ),
      ];
    }
    const length = this.#lengthOf(value, counts);
    if (data.length === length) return [];
    const shape = value.pageElements > 0 ? 'numBlocks pages' : `[${value.shape.join(', ')}]`;
    return [
      callProblem(
        `${operator} takes ${length} elements of ${name}, which is ${shape}, and is given ${data.length}.`,
        'Give an array of that length, such as a subarray of a longer one.',
      ),
    ];
  }

  #lengthOf(value: ManifestValue, counts: Counts): number {
    if (value.pageElements > 0) return value.pageElements * this.#blockSize * (this.#options.numBlocks ?? 0);
    return value.shape.reduce<number>(
      (product, extent) => product * (typeof extent === 'number' ? extent : (counts[extent] ?? 0)),
      1,
    );
  }
}

/** An operator over dense tensors. */
export class OperatorHandle<Tensors, Count extends string = never> extends Handle<Tensors> {
  /**
   * Computes what the tensors name as outputs, in place; each is flat and row-major in the shape that the operator declares.
   *
   * @throws WarpsmithError `operator-call-invalid` for a name, a type, a length or a count that does not fit, all of them together;
   * `engine-failed` for what fails while it runs.
   */
  run(tensors: Tensors, ...[counts]: CountArguments<Count>): void {
    this.launch(tensors, counts ?? {}, NO_BATCH);
  }
}

/** Names of the counts that a batch gives: its tokens and its sequences, where they are counts. */
export interface RaggedCounts {
  /** The count of tokens; null where it is a constant. */
  readonly tokens: string | null;
  /** The count of sequences; null where the operator has none. */
  readonly sequences: string | null;
}

/** An operator over a ragged batch, which gives the counts of tokens and sequences; `Count` are the others. */
export class RaggedOperatorHandle<Tensors, Count extends string = never> extends Handle<Tensors> {
  readonly #counts: RaggedCounts;
  readonly #blocksPerSequence: number;

  /**
   * @throws WarpsmithError as OperatorHandle's.
   */
  constructor(
    library: NativeLibrary,
    name: string,
    options: OperatorOptions<string> & Partial<CacheOptions>,
    counts: RaggedCounts,
  ) {
    super(library, name, options);
    this.#counts = counts;
    this.#blocksPerSequence = options.blocksPerSequence ?? 0;
  }

  /**
   * As OperatorHandle's, over the tokens of a batch.
   *
   * @throws WarpsmithError as OperatorHandle's, and `operator-call-invalid` for lists of the batch that do not fit each other.
   */
  run(tensors: Tensors, batch: RaggedBatch, ...[counts]: CountArguments<Count>): void {
    throwProblems(this.#batchProblems(batch));
    const { tokens, sequences } = this.#counts;
    const all: Record<string, number> = { ...counts };
    if (tokens !== null) all[tokens] = batch.cuSeqlens.at(-1) ?? 0;
    if (sequences !== null) all[sequences] = batch.contextLens.length;
    this.launch(tensors, all, batch);
  }

  #batchProblems({ cuSeqlens, contextLens, blockTable, slots }: RaggedBatch): readonly Problem[] {
    const sequences = contextLens.length;
    const wanted: readonly (readonly [string, number, number])[] = [
      ['cuSeqlens', cuSeqlens.length, sequences + 1],
      ['blockTable', blockTable.length, sequences * this.#blocksPerSequence],
      ...(slots ? [['slots', slots.length, cuSeqlens.at(-1) ?? 0] as const] : []),
    ];
    return wanted
      .filter(([, found, length]) => found !== length)
      .map(([name, found, length]) =>
        callProblem(
          `a batch of ${sequences} sequences has ${length} entries of ${name}; ${found} are given.`,
          'Give cuSeqlens [B + 1], contextLens [B], blockTable [B * blocksPerSequence] and, if at all, slots [T].',
        ),
      );
  }
}

const arrayOf = { bf16: Uint16Array, f16: Uint16Array, f32: Float32Array, i32: Int32Array } as const;

/** What a caller gives, by name: all but constants and memory of the program's own. */
function boundTensors(program: ManifestProgram): ReadonlyMap<string, ManifestValue> {
  const resultNames = new Map(Object.entries(program.results).map(([name, index]) => [index, name]));
  const bound = new Map<string, ManifestValue>();
  for (const [index, value] of program.values.entries()) {
    if (value.kind === 'arena' || value.kind === 'constant') continue;
    bound.set(value.kind === 'result' ? (resultNames.get(index) ?? value.name) : value.name, value);
  }
  return bound;
}

function unknownTensor(program: ManifestProgram, expected: ReadonlyMap<string, ManifestValue>, name: string): Problem {
  return callProblem(`${program.name} has no tensor ${name}.`, `Use ${[...expected.keys()].join(', ')}.`);
}

function callProblem(message: string, mend: string): Problem {
  return { code: 'operator-call-invalid', message, mend };
}

function nameOf(data: unknown): string {
  return data instanceof Object ? data.constructor.name : String(data);
}
