/** Many random programs: batches of seeds, and what is counted of them. */
import type { FloatType } from '../../dsl/lang/rounding.ts';
import { type BatchOptions, runBatch, type Verdict } from './batch.ts';
import { type Mistake, mistakes } from './programs/mistakes.ts';
import { programOfSeed } from './programs/program.ts';

/** Programs of one library: as many as keep what every compiler run costs small beside what its programs cost. */
export const BATCH = 660;
const elements: readonly FloatType[] = ['f32', 'bf16', 'f16'];

export interface Counts {
  readonly programs: number;
  readonly refused: number;
  /** Of those compared on every target: at least three operations, most bounds telling, and a structure that none before had. */
  readonly different: number;
  readonly withReduction: number;
  /** Mistakes that were refused, by what they are. */
  readonly mistakes: ReadonlyMap<Mistake, number>;
  /** Diagnostics that refused programs without a mistake on purpose. */
  readonly codes: ReadonlyMap<string, number>;
}

export class Campaign {
  readonly #structures = new Set<string>();
  readonly #mistakes = new Map<Mistake, number>(mistakes.map((mistake) => [mistake, 0]));
  readonly #codes = new Map<string, number>();
  #programs = 0;
  #refused = 0;
  #withReduction = 0;

  /** The batch of seeds from `first` on, compiled and compared; gives those that failed. */
  async run(
    first: number,
    size: number,
    options: Omit<BatchOptions, 'element'>,
  ): Promise<readonly (Verdict & { readonly kind: 'failed' })[]> {
    const programs = Array.from({ length: size }, (_, place) => programOfSeed(first + place));
    const element = elementOf(first);
    const verdicts = await runBatch(programs, { ...options, element });
    for (const verdict of verdicts) this.#count(verdict);
    return verdicts.filter((verdict) => verdict.kind === 'failed');
  }

  get counts(): Counts {
    return {
      programs: this.#programs,
      refused: this.#refused,
      different: this.#structures.size,
      withReduction: this.#withReduction,
      mistakes: this.#mistakes,
      codes: this.#codes,
    };
  }

  #count(verdict: Verdict): void {
    const add = <Key>(counts: Map<Key, number>, key: Key): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);
    this.#programs++;
    if (verdict.kind === 'refused') {
      this.#refused++;
      const { mistake } = verdict.program;
      if (mistake !== null) add(this.#mistakes, mistake);
      else for (const code of new Set(verdict.codes)) add(this.#codes, code);
    }
    if (verdict.kind !== 'agreed') return;
    const { key, operations, reduces } = verdict.structure;
    if (!verdict.isTelling || operations < 3 || this.#structures.has(key)) return;
    this.#structures.add(key);
    if (reduces) this.#withReduction++;
  }
}

/** One of the element types in turn, a batch each. */
export function elementOf(firstSeed: number): FloatType {
  return elements[Math.floor(firstSeed / BATCH) % elements.length] ?? 'f32';
}

export function describeCounts({ programs, refused, different, withReduction, codes }: Counts): string {
  const told = [...codes].map(([code, count]) => `${code} ${count}`).join(', ');
  return (
    `${programs} programs: ${different} different ones of three operations or more compared, ${withReduction} of them with a ` +
    `reduction; ${refused} refused${told === '' ? '' : ` (without a mistake on purpose: ${told})`}`
  );
}

/** A failure as it is told: the program, and how to get it again. */
export function describeFailure({ program, reason }: Verdict & { readonly kind: 'failed' }): string {
  return `${reason}\n${JSON.stringify({ features: program.features, attrs: program.attrs })}\n${program.source}`;
}
