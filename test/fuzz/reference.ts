/** What a program gives in Node, and the bound of each element that a target may give. */
import type { FloatType } from '../../dsl/lang/rounding.ts';
import type { Value } from '../../dsl/lang/values.ts';
import { judge, stored } from '../../verify/bounds/judge.ts';
import { type ApproximateOutputs, approximateOutputs } from '../../verify/bounds/outputs.ts';
import {
  dimsOf,
  type OperatorCall,
  type OperatorCase,
  type Outputs,
  runOracle,
  storageOf,
} from '../../verify/operator-library.ts';
import type { GraphRun } from '../support/graph-library.ts';
import type { Accepted } from './compiled.ts';
import { drawInputs, type Load, type ProgramCall } from './inputs.ts';

export interface Reference {
  readonly call: ProgramCall;
  readonly steps: readonly Step[];
}

/** An operator of the program as it is called, and what it may give of what nobody writes after it. */
interface Step {
  readonly subject: OperatorCase;
  readonly call: OperatorCall;
  readonly bounds: ApproximateOutputs;
}

export interface ReferenceOptions {
  readonly element: FloatType;
  readonly blockSize: number;
  readonly seed: number;
  readonly load: Load;
}

/** What Node gives lies within the bounds too, or one of the two misreads the source: then this throws. */
export function referenceOf({ program, operators }: Accepted, options: ReferenceOptions): Reference {
  const { element, blockSize, seed, load } = options;
  const subjects = operators.map(({ subject }) => subject);
  const call = drawInputs(subjects, element, seed, { mostRows: program.mostRows, blockSize, load });
  const values = new Map<string, Value>(Object.entries(call.values));
  const before: Record<string, ApproximateOutputs[string]> = {};
  const steps: Step[] = [];
  for (const { ir, subject } of operators) {
    const own = callOf(subject, call, values);
    const bounds = approximateOutputs(ir, subject, own, before);
    const outputs = runOracle(subject, own, element);
    const { wrong } = judge(element, subject, own, outputs, bounds);
    if (wrong !== null) throw new Error(wrong);
    for (const [name, output] of Object.entries(outputs)) values.set(name, output);
    const declarations = subject.operator.spec.outputs(dimsOf(subject, own));
    for (const [key, elements] of Object.entries(bounds)) {
      const declaration = declarations[key.split('.')[0] ?? key];
      const storage = storageOf(declaration?.kind === 'dense' ? declaration.element : 'cache', element);
      before[key] = elements.map((each) => stored(each, storage, ir.relaxed));
    }
    steps.push({ subject, call: own, bounds });
  }
  return { call, steps };
}

function callOf(
  subject: OperatorCase,
  { counts, batch }: ProgramCall,
  values: ReadonlyMap<string, Value>,
): OperatorCall {
  const declared = subject.operator.spec.inputs(dimsOf(subject, { counts, ...(batch && { batch }) }));
  const inputs = Object.keys(declared).map((name) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`there is no ${name}`);
    return [name, value] as const;
  });
  return { counts, inputs: Object.fromEntries(inputs), ...(batch && { batch }) };
}

/** The first element of a run that is wrong, and whether most bounds are narrow enough to tell something. */
export function judged(
  { steps }: Reference,
  run: Pick<GraphRun, 'results' | 'states'>,
  element: FloatType,
): { readonly wrong: string | null; readonly isTelling: boolean } {
  const found: Record<string, Outputs[string] | Value> = { ...run.states, ...run.results };
  const left = new Set(Object.keys(found));
  let wrong: string | null = null;
  let isTelling = true;
  for (const { subject, call, bounds } of [...steps].reverse()) {
    const own = Object.entries(bounds).filter(([key]) => left.has(key.split('.')[0] ?? key));
    const judgement = judge(element, subject, call, found as Outputs, Object.fromEntries(own));
    wrong ??= judgement.wrong;
    isTelling &&= judgement.isTelling;
    for (const [key] of own) left.delete(key.split('.')[0] ?? key);
  }
  return { wrong, isTelling };
}
