/** A batch of random programs, compiled for targets and compared with the oracle, and with themselves written otherwise. */
import type { FloatType } from '../../dsl/lang/rounding.ts';
import type { GraphLibrary, GraphRun } from '../support/graph-library.ts';
import { type BuildSettings, buildBatch, type Optimization, type Target } from './built.ts';
import { type Accepted, type Compiled, compileBatch, messageOf } from './compiled.ts';
import type { ProgramCall } from './inputs.ts';
import type { RandomProgram } from './programs/program.ts';
import { judged, type Reference, referenceOf } from './reference.ts';
import { areRowsApart, partsOf, unlikeBits, unlikeRows } from './rows-alone.ts';
import { type Structure, structureOf } from './structure.ts';

/** What became of a program. */
export type Verdict =
  | { readonly kind: 'refused'; readonly program: RandomProgram; readonly codes: readonly string[] }
  | Agreed
  | { readonly kind: 'failed'; readonly program: RandomProgram; readonly reason: string };

/** On every target; `isTelling` is false where too many elements may be anything. */
export interface Agreed {
  readonly kind: 'agreed';
  readonly program: RandomProgram;
  readonly structure: Structure;
  readonly isTelling: boolean;
  /** What else it was compared with: a step of nothing, its twins, its operators one by one, its rows alone. */
  readonly checks: readonly Check[];
}

export const checks = ['empty', 'joined', 'renamed', 'alone', 'rows'] as const;
export type Check = (typeof checks)[number];

export interface BatchOptions {
  readonly element: FloatType;
  readonly targets: readonly Target[];
  readonly optimization: Optimization;
  /** Positions of a block of a paged cache. */
  readonly blockSize: number;
  /** Whether a program is worth building; all are unless given. */
  readonly isWanted?: (accepted: Accepted) => boolean;
}

/** The seed of the inputs. */
const INPUTS = 1;

export async function runBatch(programs: readonly RandomProgram[], options: BatchOptions): Promise<readonly Verdict[]> {
  return compareAll(await compileBatch(programs, options.element), options, INPUTS);
}

interface Known {
  readonly some: Reference;
  /** Null where the author's function has no result for a step of nothing. */
  readonly empty: Reference | null;
}

/** Compiled programs on every target, on the inputs of a seed. */
export async function compareAll(
  compiled: readonly Compiled[],
  options: BatchOptions,
  inputs: number,
): Promise<readonly Verdict[]> {
  const { element, targets, blockSize, isWanted = () => true } = options;
  const verdicts = new Map<RandomProgram, Verdict>();
  const references = new Map<Accepted, Known>();
  for (const each of compiled) {
    if (each.kind !== 'accepted') verdicts.set(each.program, each);
    else if (isWanted(each))
      try {
        references.set(each, knownOf(each, element, blockSize, inputs));
      } catch (error) {
        const reason = `Node, ${element}: ${messageOf(error)}`;
        verdicts.set(each.program, { kind: 'failed', program: each.program, reason });
      }
  }
  for (const target of targets) {
    const sound = [...references.keys()].filter(({ program }) => verdicts.get(program)?.kind !== 'failed');
    const settings: BuildSettings = { ...options, target };
    for (const { programs: members, library } of await buildBatch(sound, settings))
      for (const [place, each] of members.entries()) {
        const known = references.get(each);
        if (known) verdicts.set(each.program, compareOne(each, known, library, settings, place));
      }
  }
  return compiled.flatMap(({ program }) => verdicts.get(program) ?? []);
}

function knownOf(each: Accepted, element: FloatType, blockSize: number, seed: number): Known {
  const some = referenceOf(each, { element, blockSize, seed, load: 'some' });
  try {
    return { some, empty: referenceOf(each, { element, blockSize, seed, load: 'empty' }) };
  } catch (error) {
    // The last row of none, say.
    if (error instanceof RangeError) return { some, empty: null };
    throw error;
  }
}

const THREADS = 2;

function compareOne(
  each: Accepted,
  { some, empty }: Known,
  library: GraphLibrary | { readonly reason: string },
  { target, element }: BuildSettings,
  place: number,
): Verdict {
  const { program, built, others, operators } = each;
  const failed = (reason: string): Verdict => ({ kind: 'failed', program, reason: `${target}, ${element}: ${reason}` });
  if ('reason' in library) return failed(library.reason);
  const made: Check[] = [];
  try {
    const run = (name: string, call: ProgramCall): GraphRun => library.run(name, call, THREADS);
    const whole = run(built.graph.name, some.call);
    const { wrong, isTelling } = judged(some, whole, element);
    if (wrong !== null) return failed(wrong);
    if (empty !== null) {
      const nothing = judged(empty, run(built.graph.name, empty.call), element);
      if (nothing.wrong !== null) return failed(`of nothing, ${nothing.wrong}`);
      made.push('empty');
    }
    for (const other of others) {
      const found = run(other.graph.name, some.call);
      const unlike = unlikeBits(whole, found);
      if (unlike !== null) return failed(`${other.kind}: ${unlike}`);
      made.push(other.kind);
    }
    // A GPU's products and attention sum in an order that the number of rows decides, and a simulated one takes its time.
    const isNest = built.unit.kernels.every(({ kind }) => kind === 'nest');
    if (areRowsApart(operators) && (target === 'cpu' || (isNest && place % 4 === 0))) {
      const subjects = operators.map(({ subject }) => subject);
      for (const part of partsOf(some.call, subjects)) {
        const unlike = unlikeRows(whole, run(built.graph.name, part.call), part);
        if (unlike !== null) return failed(`rows ${part.first}, ${part.count} alone: ${unlike}`);
      }
      made.push('rows');
    }
    return { kind: 'agreed', program, structure: structureOf(operators.map(({ ir }) => ir)), isTelling, checks: made };
  } catch (error) {
    return failed(messageOf(error));
  }
}
