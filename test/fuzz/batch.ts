/** A batch of random programs, compiled for targets and compared with the oracle. */
import type { FloatType } from '../../dsl/lang/rounding.ts';
import { judge } from '../../verify/bounds/judge.ts';
import { approximateOutputs } from '../../verify/bounds/outputs.ts';
import { runOracle } from '../../verify/operator-library.ts';
import {
  type Accepted,
  buildBatch,
  type Compiled,
  compileBatch,
  messageOf,
  type Optimization,
  type Target,
} from './compiled.ts';
import { drawInputs } from './inputs.ts';
import type { RandomProgram } from './programs/program.ts';
import { type Structure, structureOf } from './structure.ts';

/** What became of a program. */
export type Verdict =
  | { readonly kind: 'refused'; readonly program: RandomProgram; readonly codes: readonly string[] }
  /** On every target; `isTelling` is false where too many elements may be anything. */
  | {
      readonly kind: 'agreed';
      readonly program: RandomProgram;
      readonly structure: Structure;
      readonly isTelling: boolean;
    }
  | { readonly kind: 'failed'; readonly program: RandomProgram; readonly reason: string };

export interface BatchOptions {
  readonly element: FloatType;
  readonly targets: readonly Target[];
  readonly optimization: Optimization;
}

/** The seed of the inputs. */
const INPUTS = 1;

export async function runBatch(programs: readonly RandomProgram[], options: BatchOptions): Promise<readonly Verdict[]> {
  return compareAll(await compileBatch(programs, options.element), options, INPUTS);
}

/** Compiled programs on every target, on the inputs of a seed. */
export async function compareAll(
  compiled: readonly Compiled[],
  { element, targets, optimization }: BatchOptions,
  inputs: number,
): Promise<readonly Verdict[]> {
  const accepted = compiled.filter((each) => each.kind === 'accepted');
  const verdicts = new Map<RandomProgram, Verdict>();
  for (const each of compiled) if (each.kind !== 'accepted') verdicts.set(each.program, each);
  const references = new Map<Accepted, Reference>();
  for (const each of accepted) {
    const reference = referenceOf(each, element, inputs);
    if ('reason' in reference) verdicts.set(each.program, { kind: 'failed', program: each.program, ...reference });
    else references.set(each, reference);
  }
  for (const target of targets) {
    const sound = [...references.keys()].filter(({ program }) => verdicts.get(program)?.kind !== 'failed');
    for (const { programs: members, library } of await buildBatch(sound, element, target, optimization))
      for (const each of members) {
        const { program } = each;
        const { call, bounds, isTelling } = references.get(each) as Reference;
        let reason: string | null = null;
        try {
          if ('reason' in library) reason = library.reason;
          else reason = judge(element, each.subject, call, library.run(each.subject, call, 2), bounds).wrong;
        } catch (error) {
          reason = messageOf(error);
        }
        verdicts.set(
          program,
          reason === null
            ? { kind: 'agreed', program, structure: structureOf(each.ir), isTelling }
            : { kind: 'failed', program, reason: `${target}, ${element}: ${reason}` },
        );
      }
  }
  return compiled.flatMap(({ program }) => verdicts.get(program) ?? []);
}

interface Reference {
  readonly call: ReturnType<typeof drawInputs>;
  readonly bounds: ReturnType<typeof approximateOutputs>;
  readonly isTelling: boolean;
}

/** What Node gives lies within the bounds too, or one of the two misreads the source. */
function referenceOf(
  { ir, subject }: Accepted,
  element: FloatType,
  inputs: number,
): Reference | { readonly reason: string } {
  try {
    const call = drawInputs(subject, element, inputs);
    const bounds = approximateOutputs(ir, subject, call);
    const { wrong, isTelling } = judge(element, subject, call, runOracle(subject, call, element), bounds);
    return wrong === null ? { call, bounds, isTelling } : { reason: `Node, ${element}: ${wrong}` };
  } catch (error) {
    return { reason: `Node, ${element}: ${messageOf(error)}` };
  }
}
