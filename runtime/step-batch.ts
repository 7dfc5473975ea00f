/** Packs a scheduled step into the arrays of a `StepBatch`, allocated once and filled anew each step. */
import type { EngineLimits, StepBatch } from './engine-interface.ts';
import type { ScheduledSequence, ScheduledStep } from './scheduler.ts';
import type { Sequence } from './sequence.ts';

/** What a row is about: the token at position `next` of a sequence, to be drawn or, where it is known, to be scored. */
interface Row {
  readonly sequence: Sequence;
  readonly next: number;
  readonly draws: boolean;
}

/** The sampling inputs: one value a row, by the names that models give them. */
const floatInputs: Readonly<Record<string, (row: Row) => number>> = {
  temperature: ({ sequence }) => sequence.params.temperature,
  topP: ({ sequence }) => sequence.params.topP,
  minP: ({ sequence }) => sequence.params.minP,
  presencePenalty: ({ sequence }) => sequence.params.presencePenalty,
  frequencyPenalty: ({ sequence }) => sequence.params.frequencyPenalty,
  repetitionPenalty: ({ sequence }) => sequence.params.repetitionPenalty,
};

const intInputs: Readonly<Record<string, (row: Row) => number>> = {
  topK: ({ sequence }) => sequence.params.topK,
  seed: ({ sequence }) => sequence.params.seed,
  position: ({ next }) => next,
  stateRow: ({ sequence }) => sequence.stateRow,
  // A row that only reports a prompt's log-probability draws nothing worth a penalty, and nothing to go on from.
  usePenalties: ({ sequence, next, draws }) => (draws && sequence.usesState(next) ? 1 : 0),
  keptRow: ({ sequence, draws }) => (draws ? sequence.stateRow : -1),
  // The token whose log-probability is wanted, where it is known; -1: that of the token to be drawn.
  targets: ({ sequence, next, draws }) => (draws ? -1 : sequence.tokens[next]!),
};

const floatNames = Object.keys(floatInputs);
const intNames = Object.keys(intInputs);

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
        const { sequence, start, count } = scheduled;
        const draws = scheduled.draws && position === start + count - 1;
        this.#fillInputs(row, { sequence, next: position + 1, draws });
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
    for (let offset = 0; offset < count; offset++) {
      // A token that is not known is the last one drawn, which the engine has in the sequence's row.
      this.#tokens[firstToken + offset] = sequence.tokens[start + offset] ?? -1 - sequence.stateRow;
    }
    this.#cuSeqlens[place] = firstToken;
    this.#contextLens[place] = start + count;
    const table = this.#blockTable.subarray(place * maxBlocksPerSequence, (place + 1) * maxBlocksPerSequence);
    table.fill(-1);
    table.set(sequence.blocks);
  }

  #fillInputs(place: number, row: Row): void {
    for (const name of floatNames) this.#floats[name]![place] = floatInputs[name]!(row);
    for (const name of intNames) this.#ints[name]![place] = intInputs[name]!(row);
  }
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, to: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]));
}
