/** Packs a scheduled step into the arrays of a `StepBatch`, allocated once and filled anew each step. */
import type { EngineLimits, StepBatch } from './engine-interface.ts';
import type { ScheduledSequence, ScheduledStep } from './scheduler.ts';
import type { Sequence } from './sequence.ts';

/** The sampling inputs of a row: one value a row, by the names that models give them. */
const floatInputs = {
  temperature: ({ params }: Sequence) => params.temperature,
  topP: ({ params }: Sequence) => params.topP,
  minP: ({ params }: Sequence) => params.minP,
  presencePenalty: ({ params }: Sequence) => params.presencePenalty,
  frequencyPenalty: ({ params }: Sequence) => params.frequencyPenalty,
  repetitionPenalty: ({ params }: Sequence) => params.repetitionPenalty,
} as const;

/** `next` is the position of the token that the row is about. */
const intInputs = {
  topK: ({ params }: Sequence) => params.topK,
  seed: ({ params }: Sequence) => params.seed,
  position: (_: Sequence, next: number) => next,
  stateRow: ({ stateRow }: Sequence) => stateRow,
  // A row that only reports a prompt's log-probability draws nothing worth a penalty.
  usePenalties: (sequence: Sequence, next: number) => (next === sequence.tokens.length && sequence.usesState ? 1 : 0),
  // The token whose log-probability is wanted, where it is known; -1: that of the token to be drawn.
  targets: (sequence: Sequence, next: number) => sequence.tokens[next] ?? -1,
} as const;

export class StepBatchBuilder {
  readonly #limits: EngineLimits;
  readonly #tokens: Int32Array;
  readonly #cuSeqlens: Int32Array;
  readonly #contextLens: Int32Array;
  readonly #blockTable: Int32Array;
  readonly #rows: Int32Array;
  readonly #floats: Readonly<Record<string, Float32Array>>;
  readonly #ints: Readonly<Record<string, Int32Array>>;

  constructor(limits: EngineLimits) {
    this.#limits = limits;
    this.#tokens = new Int32Array(limits.maxTokens);
    this.#cuSeqlens = new Int32Array(limits.maxSequences + 1);
    this.#contextLens = new Int32Array(limits.maxSequences);
    this.#blockTable = new Int32Array(limits.maxSequences * limits.maxBlocksPerSequence);
    this.#rows = new Int32Array(limits.maxRows);
    this.#floats = mapValues(floatInputs, () => new Float32Array(limits.maxRows));
    this.#ints = mapValues(intInputs, () => new Int32Array(limits.maxRows));
  }

  /** Views of the builder's arrays, valid until the next call. */
  build({ sequences, numTokens, numRows }: ScheduledStep): StepBatch {
    let token = 0;
    let row = 0;
    for (const [place, scheduled] of sequences.entries()) {
      this.#fillSequence(place, scheduled, token);
      for (const position of scheduled.rowPositions) {
        this.#rows[row] = token + position - scheduled.start;
        this.#fillInputs(row, scheduled.sequence, position + 1);
        row += 1;
      }
      token += scheduled.count;
    }
    this.#cuSeqlens[sequences.length] = token;
    const numSequences = sequences.length;
    return {
      tokens: this.#tokens.subarray(0, numTokens),
      cuSeqlens: this.#cuSeqlens.subarray(0, numSequences + 1),
      contextLens: this.#contextLens.subarray(0, numSequences),
      blockTable: this.#blockTable.subarray(0, numSequences * this.#limits.maxBlocksPerSequence),
      rows: this.#rows.subarray(0, numRows),
      inputs: {
        ...mapValues(this.#floats, (values) => values.subarray(0, numRows)),
        ...mapValues(this.#ints, (values) => values.subarray(0, numRows)),
      },
    };
  }

  #fillSequence(place: number, { sequence, start, count }: ScheduledSequence, firstToken: number): void {
    const { maxBlocksPerSequence } = this.#limits;
    for (let offset = 0; offset < count; offset++) this.#tokens[firstToken + offset] = sequence.tokens[start + offset]!;
    this.#cuSeqlens[place] = firstToken;
    this.#contextLens[place] = start + count;
    const table = this.#blockTable.subarray(place * maxBlocksPerSequence, (place + 1) * maxBlocksPerSequence);
    table.fill(-1);
    table.set(sequence.blocks);
  }

  #fillInputs(row: number, sequence: Sequence, next: number): void {
    for (const [name, read] of Object.entries(floatInputs)) this.#floats[name]![row] = read(sequence);
    for (const [name, read] of Object.entries(intInputs)) this.#ints[name]![row] = read(sequence, next);
  }
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, to: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]));
}
