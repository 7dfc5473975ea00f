/** Many random programs: batches of seeds, and what is counted of them. */
import type { FloatType } from '../../dsl/lang/rounding.ts';
import { type BatchOptions, type Check, runBatch, type Verdict } from './batch.ts';
import type { Accepted } from './compiled.ts';
import { type Mistake, mistakes } from './programs/mistakes.ts';
import { programOfSeed } from './programs/program.ts';
import { type Structure, structureOf, type Trait } from './structure.ts';

/** Programs of one library: as many as keep what every compiler run costs small beside what its programs cost. */
export const BATCH = 860;
const elements: readonly FloatType[] = ['f32', 'bf16', 'f16'];

export interface Counts {
  readonly programs: number;
  readonly refused: number;
  /** Of those compared on every target: at least three operations, most bounds telling, and a structure that none before had. */
  readonly different: number;
  readonly withReduction: number;
  /** Mistakes that were refused, by what they are. */
  readonly mistakes: ReadonlyMap<Mistake, number>;
  /** What the different ones have in them, each as often as programs have it. */
  readonly traits: ReadonlyMap<Trait, number>;
  /** What programs were compared with beside the oracle. */
  readonly checks: ReadonlyMap<Check, number>;
  /** Diagnostics that refused programs without a mistake on purpose. */
  readonly codes: ReadonlyMap<string, number>;
}

export class Campaign {
  readonly #structures = new Set<string>();
  readonly #mistakes = new Map<Mistake, number>(mistakes.map((mistake) => [mistake, 0]));
  readonly #codes = new Map<string, number>();
  readonly #traits = new Map<Trait, number>();
  readonly #checks = new Map<Check, number>();
  #programs = 0;
  #refused = 0;
  #withReduction = 0;

  /** The batch of seeds from `first` on, compiled and compared; gives those that failed. */
  async run(
    first: number,
    size: number,
    options: Pick<BatchOptions, 'targets' | 'optimization'>,
  ): Promise<readonly (Verdict & { readonly kind: 'failed' })[]> {
    const programs = Array.from({ length: size }, (_, place) => programOfSeed(first + place));
    const element = elementOf(first);
    const isWanted = ({ operators }: Accepted): boolean =>
      this.#isDifferent(structureOf(operators.map(({ ir }) => ir)));
    const verdicts = await runBatch(programs, { ...options, element, blockSize: blockSizeOf(first), isWanted });
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
      traits: this.#traits,
      checks: this.#checks,
    };
  }

  /** Programs that would not be counted are not built; those of several batches at once are told apart when they are. */
  #isDifferent({ key, operations }: Structure): boolean {
    return operations >= 3 && !this.#structures.has(key);
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
    for (const check of verdict.checks) add(this.#checks, check);
    const { key, reduces, traits } = verdict.structure;
    if (!verdict.isTelling || !this.#isDifferent(verdict.structure)) return;
    this.#structures.add(key);
    for (const trait of traits) add(this.#traits, trait);
    if (reduces) this.#withReduction++;
  }
}

/** One of the element types in turn, a batch each. */
export function elementOf(firstSeed: number): FloatType {
  return elements[Math.floor(firstSeed / BATCH) % elements.length] ?? 'f32';
}

/** Of a paged cache: a tile of keys is several of the small ones, and a part of a large one. */
export function blockSizeOf(firstSeed: number): number {
  return [16, 64, 32][Math.floor(firstSeed / BATCH) % 3] ?? 64;
}

export function describeCounts({ programs, refused, different, withReduction, codes, traits, checks }: Counts): string {
  const list = (counts: ReadonlyMap<string, number>): string =>
    [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  const told = list(codes);
  return (
    `${programs} programs: ${different} different ones of three operations or more compared, ${withReduction} of them with a ` +
    `reduction; ${refused} refused${told === '' ? '' : ` (without a mistake on purpose: ${told})`}\n` +
    `of the different ones: ${list(traits)}\ncompared beside the oracle: ${list(checks)}`
  );
}

/** A failure as it is told: the program, and how to get it again. */
export function describeFailure({ program, reason }: Verdict & { readonly kind: 'failed' }): string {
  const { features, attrs, mostRows, kept, source, twins } = program;
  const sources = [source, ...twins.map((twin) => twin.source)].join('');
  return `${reason}\n${JSON.stringify({ features, attrs, mostRows, kept })}\n${sources}`;
}
