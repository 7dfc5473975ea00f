/** What the runtime asks of a built engine. The native one is in `engine.ts`; tests write their own. */
import type { Problem } from './errors.ts';

/** One step over a ragged batch. T = tokens.length, B = contextLens.length, R = rows.length. */
export interface StepBatch {
  /** [T] ids; -1 - r for the last token that was drawn with `keptRow` r, by any step before. */
  readonly tokens: Int32Array;
  /** [B + 1] first token of each sequence in `tokens`, and T. */
  readonly cuSeqlens: Int32Array;
  /** [B] tokens of each sequence in all, those of this step included. */
  readonly contextLens: Int32Array;
  /** [B, maxBlocksPerSequence], row-major, -1 unused. */
  readonly blockTable: Int32Array;
  /** [R] indices into `tokens` whose logits are wanted. */
  readonly rows: Int32Array;
  /** Sampling inputs by name, [R] each. */
  readonly inputs: Readonly<Record<string, Int32Array | Float32Array>>;
}

/** Views of the step's slot in the engine's ring, at capacity: rows past the step's R hold nothing. */
export interface StepResult {
  /** [R] the token drawn at each row. */
  readonly token: Int32Array;
  /** [R] log-probability, by the unprocessed logits, of the drawn token, or of the row's target where that is >= 0. */
  readonly logprob: Float32Array;
  /** [R, topCount] the likeliest tokens, best first. */
  readonly topIds: Int32Array;
  /** [R, topCount] */
  readonly topLogprobs: Float32Array;
  /** [R, vocabSize] of the last step that was submitted. */
  readonly logits: Float32Array;
}

/** The sizes an engine was built for. */
export interface EngineLimits {
  /** Tokens a step. */
  readonly maxTokens: number;
  /** Sequences a step, and rows of the per-sequence state. */
  readonly maxSequences: number;
  /** Rows of logits a step. */
  readonly maxRows: number;
  readonly maxBlocksPerSequence: number;
  readonly numBlocks: number;
  /** Tokens a block. */
  readonly blockSize: number;
  readonly vocabSize: number;
  /** Likeliest tokens reported a row. */
  readonly topCount: number;
  /** Tokens a sequence may have. */
  readonly maxModelLen: number;
}

export interface StepEngine {
  readonly limits: EngineLimits;
  /** Steps whose results are kept, those under way among them. */
  readonly ringSlots: number;
  /** Whether steps keep the tokens that they draw, so that a batch may hold negative ones. */
  readonly keepsTokens: boolean;
  /** Starts a step behind those under way; its ticket: 0, and then one more each. The batch's arrays have then been read. */
  submit(batch: StepBatch): number;
  /** Settles when the step has ended. The views hold its results until its slot is taken: `ringSlots` steps later. */
  wait(ticket: number): Promise<StepResult>;
  /** Writes a row of a per-sequence state tensor (promptSeen, outputCounts, logitBias), behind the steps submitted so far. */
  writeStateRow(state: string, row: number, data: Int32Array | Float32Array): void;
  /** What to say where a log-probability is no number. May take seconds. */
  whyNotFinite(): Promise<Problem>;
  close(): void;
}
