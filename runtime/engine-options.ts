/** How large an engine is made, checked before anything is allocated. */
import { type Problem, throwProblems } from './errors.ts';
import { describe } from './json-file.ts';

/** What an engine gets of the machine when it is opened: threads, sizes of a step, memory of the cache in bytes. */
export interface EngineOptions {
  /** Threads of the CPU, in [0, 1024]; 0 or absent: one a physical core. */
  readonly threads?: number;
  /** Tokens a step (vLLM's max_num_batched_tokens), in [1, 2^20]; 1024 unless given. */
  readonly maxTokens?: number;
  /** Sequences a step (vLLM's max_num_seqs), in [1, 2^16]; 64 unless given. */
  readonly maxSequences?: number;
  /** Tokens a sequence may have (vLLM's max_model_len), prompt and output; the checkpoint's own limit unless given. */
  readonly maxModelLen?: number;
  /** Memory of the KV cache in bytes; 2 GiB unless given, or less where all sequences at full length need less. */
  readonly kvCacheBytes?: number;
}

/** Least and most of each. */
const BOUNDS: Readonly<Record<keyof EngineOptions, readonly [number, number]>> = {
  threads: [0, 1024],
  maxTokens: [1, 2 ** 20],
  maxSequences: [1, 2 ** 16],
  maxModelLen: [1, 2 ** 31 - 1],
  kvCacheBytes: [0, Number.MAX_SAFE_INTEGER],
};

/** Throws `option-invalid` with all that is wrong. */
export function checkEngineOptions(options: EngineOptions): void {
  const problems = Object.entries(BOUNDS).flatMap(([name, [least, most]]): Problem[] => {
    const value: unknown = options[name as keyof EngineOptions];
    if (value === undefined) return [];
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return [];
    const message = `${name} is ${typeof value === 'number' ? value : describe(value)}.`;
    return [{ code: 'option-invalid', message, mend: `Give a whole number from ${least} to ${most} for ${name}.` }];
  });
  throwProblems(problems);
}
