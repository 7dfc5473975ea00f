/** The bounds that random programs are judged by: narrow where f32 is sure, open where it is not. */
import { describe, expect, it } from 'vitest';
import { readOperators } from '../../../codegen/read/read.ts';
import { judge, stored } from '../../../verify/bounds/judge.ts';
import { approximateOutputs } from '../../../verify/bounds/outputs.ts';
import { type OperatorCall, type OperatorCase, type Outputs, runOracle } from '../../../verify/operator-library.ts';
import { place, polynomial, squarePlace, steps, total } from './sources/bounded.ts';

const file = new URL('./sources/bounded.ts', import.meta.url).pathname;
const operators = { place, polynomial, squarePlace, steps, total };
const read = new Map(readOperators([file]).ir.map((ir) => [ir.name, ir]));

/** Whether results `change`d from the oracle's would be let pass. */
function passes(
  name: keyof typeof operators,
  inputs: OperatorCall['inputs'],
  change: (value: number, place: number) => number,
): boolean {
  const ir = read.get(name);
  if (ir === undefined) throw new Error(`${name} was refused`);
  const subject: OperatorCase = { name, operator: operators[name], features: { N: 4 }, attrs: {} };
  const call = { counts: { T: 1 }, inputs };
  const { y } = runOracle(subject, call, 'f32');
  if (y === undefined || 'fields' in y) throw new Error('there is no y');
  const changed: Outputs = { y: y.map(change) };
  return judge('f32', subject, call, changed, approximateOutputs(ir, subject, call)).wrong === null;
}

const same = (value: number): number => value;
const units = (count: number) => (value: number) => value * (1 + count * 2 ** -23);

describe('running error bounds', () => {
  it('let pass what f32 rounds, and nothing above', () => {
    const x = [1.1, 2.3, -0.7, 0.4].map(Math.fround);
    expect(passes('polynomial', { x }, same)).toBe(true);
    expect(passes('polynomial', { x }, units(0.5))).toBe(true);
    expect(passes('polynomial', { x }, units(8))).toBe(false);
  });

  it('let pass nothing but the value where f32 has it', () => {
    expect(passes('polynomial', { x: [0.5, 1, -0.25, 2] }, same)).toBe(true);
    expect(passes('polynomial', { x: [0.5, 1, -0.25, 2] }, units(1))).toBe(false);
  });

  it('are wide where a sum cancels', () => {
    const x = [1000.1, -1000.1, 0.001, 0.002].map(Math.fround);
    expect(passes('total', { x }, (value) => value + 1e-4)).toBe(true);
    expect(passes('total', { x }, (value) => value + 1e-2)).toBe(false);
  });

  it('decide ties of exact values by the language’s rule, and leave near ones open', () => {
    const third = (): number => 3;
    expect(passes('place', { x: [1, 0.5, 1, 1] }, same)).toBe(true);
    expect(passes('place', { x: [1, 0.5, 1, 1] }, third)).toBe(false);
    expect(passes('squarePlace', { x: [1.1, 0.5, 0.5, -1.1] }, third)).toBe(true);
    expect(passes('squarePlace', { x: [1.1, 0.5, 0.5, -1] }, third)).toBe(false);
  });

  it('are open next to a step', () => {
    const above = (value: number): number => value + 1;
    expect(passes('steps', { x: [1, 1.5, 2.25, 3.5] }, above)).toBe(false);
    expect(passes('steps', { x: [0.1, 0.1, 0.1, 0.1].map((value) => value * 10) }, above)).toBe(true);
  });

  it('narrow to a value where everything between rounds to it, and stay where nothing is stored', () => {
    expect(stored({ value: 1.001, error: 1e-4 }, 'bf16')).toEqual({ value: 1, error: 0 });
    expect(stored({ value: 1.001, error: 1e-4 }, 'bf16', true).error).toBeGreaterThan(1e-3);
    // 1.0039 lies next to the middle of 1 and the bf16 above it.
    expect(stored({ value: 1.0039, error: 1e-4 }, 'bf16').error).toBe(2 ** -7);
    expect(stored({ value: 3, error: Number.POSITIVE_INFINITY }, 'i32')).toEqual({
      value: 3,
      error: Number.POSITIVE_INFINITY,
    });
  });

  it('take what an operator before may have given', () => {
    const ir = read.get('total');
    if (ir === undefined) throw new Error('total was refused');
    const subject: OperatorCase = { name: 'total', operator: total, features: { N: 4 }, attrs: {} };
    const call = { counts: { T: 1 }, inputs: { x: [1, 2, 3, 4] } };
    const before = { x: [1, 2, 3, 4].map((value) => ({ value, error: 0.5 })) };
    const { y } = approximateOutputs(ir, subject, call, before);
    expect(y?.[0]?.error).toBeCloseTo(2, 3);
    expect(approximateOutputs(ir, subject, call).y).toEqual([{ value: 10, error: 0 }]);
  });
});
