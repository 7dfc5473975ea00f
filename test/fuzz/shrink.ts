/** The simplest program that still fails: choices left out, made zero, made smaller. Candidates of a round are compiled as one library. */
import { type BatchOptions, runBatch, type Verdict } from './batch.ts';
import { Choices } from './programs/choices.ts';
import { programOf, type RandomProgram } from './programs/program.ts';

type Failure = Verdict & { readonly kind: 'failed' };

const MOST_CANDIDATES = 64;

/** Rounds until none is simpler, or `isOver` says that there is no more time. */
export async function shrink(failure: Failure, options: BatchOptions, isOver: () => boolean): Promise<Failure> {
  let best = failure;
  while (!isOver()) {
    const candidates = simpler(best.program).slice(0, MOST_CANDIDATES);
    const verdicts = await runBatch(candidates, options);
    const [simplest] = verdicts
      .filter((verdict) => verdict.kind === 'failed')
      .sort((a, b) => sizeOf(a.program) - sizeOf(b.program));
    if (simplest === undefined || sizeOf(simplest.program) >= sizeOf(best.program)) return best;
    best = simplest;
  }
  return best;
}

const sizeOf = ({ source, features }: RandomProgram): number =>
  source.length + Object.values(features).reduce((sum, size) => sum + size, 0) / 1000;

/** Programs of changed choices, each other than all before; the boldest changes first. */
export function simpler({ choices, source, features }: RandomProgram): readonly RandomProgram[] {
  const known = new Set([source + JSON.stringify(features)]);
  const programs: RandomProgram[] = [];
  const consider = (list: readonly number[]): void => {
    const program = programOf(Choices.of(list), `shrunk${programs.length}`);
    const text = program.source.replaceAll(program.name, 'program') + JSON.stringify(program.features);
    if (known.has(text) || program.source.length > source.length + 20) return;
    known.add(text);
    programs.push(program);
  };
  for (let length = choices.length >> 1; length >= 1 && programs.length < MOST_CANDIDATES; length >>= 1) {
    for (let start = 0; start < choices.length; start += length) {
      consider([...choices.slice(0, start), ...choices.slice(start + length)]);
      const zeros = choices.slice(start, start + length).map(() => 0);
      consider([...choices.slice(0, start), ...zeros, ...choices.slice(start + length)]);
    }
  }
  return programs;
}
