import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOperators } from '../../codegen/read/read.ts';
import type { Operator } from '../../dsl/lang/operator.ts';
import type { GraphRun } from '../support/graph-library.ts';
import { areRowsApart, partsOf, unlikeBits, unlikeRows } from './rows-alone.ts';
import { apart, beforeIt, cached, place, start } from './sources/rows.ts';

const sources: Readonly<Record<string, Operator>> = { apart, beforeIt, cached, place, start };
const read = new Map(readOperators([join(import.meta.dirname, 'sources/rows.ts')]).ir.map((ir) => [ir.name, ir]));

function operatorsOf(name: string) {
  const [ir, operator] = [read.get(name), sources[name]];
  if (ir === undefined || operator === undefined) throw new Error(`${name} was refused`);
  return [{ ir, subject: { name, operator, features: { H: 2 }, attrs: {} } }];
}

const runOf = (y: readonly number[]): GraphRun => ({
  results: { y: Float64Array.from(y) },
  bits: { y: Float32Array.from(y) },
  states: {},
  launches: 1,
  kernels: [],
});

describe('rows of a batch', () => {
  it('are apart where only they themselves are read', () => {
    expect(areRowsApart(operatorsOf('apart'))).toBe(true);
    expect(areRowsApart(operatorsOf('cached'))).toBe(true);
    for (const name of ['beforeIt', 'place', 'start']) expect(areRowsApart(operatorsOf(name)), name).toBe(false);
  });

  it('are cut out of a step with what belongs to them', () => {
    const subjects = operatorsOf('apart').map(({ subject }) => subject);
    const call = { counts: { T: 2, R: 2, S: 4 }, values: { x: [1, 2, 3, 4], w: [5, 6] } };
    expect(partsOf(call, subjects).map(({ call: part }) => part.values)).toEqual([
      { x: [1, 2], w: [5, 6] },
      { x: [3, 4], w: [5, 6] },
    ]);
  });

  it('are compared bit by bit', () => {
    const call = { counts: {}, values: {} };
    const whole = runOf([1, 2, 3, Number.NaN]);
    expect(unlikeRows(whole, runOf([3, Number.NaN]), { call, first: 1, count: 1 })).toBe(null);
    expect(unlikeRows(whole, runOf([3, 4]), { call, first: 1, count: 1 })).toContain('y[3]');
    expect(unlikeBits(runOf([0]), runOf([-0]))).toContain('y[0]');
  });
});
