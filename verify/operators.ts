/** Every operator of the library on the machine at hand, against the author's function in Node. */
import type { FloatType } from '../dsl/lang/rounding.ts';
import * as library from '../dsl/ops/index.ts';
import { type Comparison, compareOutputs } from './compare.ts';
import { exampleDraws, randomDraw } from './example-draws.ts';
import { libraryContents, type NamedContents } from './library-contents.ts';
import { drawCall } from './operator-draws.ts';
import {
  dimsOf,
  type OperatorCall,
  type OperatorCase,
  type OperatorLibrary,
  type Outputs,
  runOracle,
} from './operator-library.ts';
import { casesOf } from './operator-shapes.ts';
import { Random } from './random.ts';

export interface OperatorReport {
  readonly operator: string;
  readonly element: FloatType;
  readonly shapes: number;
  readonly calls: number;
  /** The largest error of a call, as a share of its bound; of integers, which must be equal, how many differ. */
  readonly worst: number;
  /** What was outside of its bound or could not be run; empty where all is well. */
  readonly failures: readonly string[];
}

/** The shapes that operators are built and run with, by operator. */
export const verifiedCases: ReadonlyMap<string, readonly OperatorCase[]> = new Map(
  Object.entries(library).map(([name, operator]) => [name, casesOf(name, operator)]),
);

const RANDOM_CALLS = 6;
/** One operator's failures that are told in full. */
const TOLD = 3;

/** As much of a library as a verification needs. */
type Runnable = Pick<OperatorLibrary, 'element' | 'blockSize' | 'run'>;

/** One report an operator of the library, as it is done. */
export function* verifyOperators(
  compiled: Runnable,
  names: readonly string[] = [...verifiedCases.keys()],
): Generator<OperatorReport> {
  for (const name of names) yield verifyOperator(compiled, name, verifiedCases.get(name) ?? []);
}

interface VerifySettings {
  /** Those of inputs that their declarations say too little of, by name. */
  readonly contents?: NamedContents;
  /** Makes comparisons again that are outside of the table's bounds. */
  readonly again?: (
    comparisons: readonly Comparison[],
    subject: OperatorCase,
    call: OperatorCall,
    found: Outputs,
  ) => readonly Comparison[];
}

export function verifyOperator(
  compiled: Runnable,
  operator: string,
  cases: readonly OperatorCase[],
  { contents = libraryContents, again = (comparisons) => comparisons }: VerifySettings = {},
): OperatorReport {
  const random = new Random(20261124);
  const failures: string[] = [];
  let calls = 0;
  let worst = 0;
  for (const subject of cases) {
    const draws = [...exampleDraws(subject), ...Array.from({ length: RANDOM_CALLS }, () => randomDraw(random))];
    for (const draw of draws) {
      const call = drawCall(subject, draw, compiled.element, compiled.blockSize, contents);
      if (subject.operator.spec.where?.(dimsOf(subject, call)).includes(false)) continue;
      const expected = runOracle(subject, call, compiled.element);
      calls++;
      try {
        const found = compiled.run(subject, call);
        const compared = compareOutputs(compiled.element, subject, call, found, expected);
        for (const { place, error, bound } of again(compared, subject, call, found)) {
          worst = Math.max(worst, bound === 0 ? error : error / bound);
          if (error > bound)
            failures.push(`${place}: ${error.toPrecision(3)}, at most ${bound.toPrecision(3)} (${sizeOf(call)})`);
        }
      } catch (error) {
        failures.push(`${subject.name}: ${error instanceof Error ? error.message : String(error)} (${sizeOf(call)})`);
        // The GPU's context is lost with a fault, and whatever is run after it fails too.
        if (failures.length >= TOLD) return report();
      }
    }
  }
  if (calls === 0) failures.push('no call was drawn whose counts meet `where`: give them sizes by --dims');
  return report();

  function report(): OperatorReport {
    const more = failures.length > TOLD ? [`and ${failures.length - TOLD} more`] : [];
    return {
      operator,
      element: compiled.element,
      shapes: cases.length,
      calls,
      worst,
      failures: [...failures.slice(0, TOLD), ...more],
    };
  }
}

function sizeOf({ counts, batch }: OperatorCall): string {
  const sizes = Object.entries(counts).map(([count, size]) => `${count} = ${size}`);
  return [...sizes, ...(batch ? [`contexts of ${batch.contextLens.join(', ')}`] : [])].join('; ');
}
