/** How large an engine is made, checked before anything is allocated. */
import { type Problem, throwProblems } from './errors.ts';
import { describe } from './json-file.ts';

/** What an engine gets of the machine when it is opened: threads, sizes of a step, memory of the cache in bytes. */
export interface EngineOptions {
  /** 0 or absent: one a physical core. */
  readonly threads?: number;
  /** Tokens a step; 1024 unless given. */
  readonly maxTokens?: number;
  /** Sequences a step; 64 unless given. */
  readonly maxSequences?: number;
  /** Tokens a sequence may have; the checkpoint's own limit unless given. */
  readonly maxModelLen?: number;
  /** Memory of the KV cache; 2 GiB unless given, or less where all sequences at full length need less. */
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
