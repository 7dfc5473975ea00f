import { expect, it } from 'vitest';
import { evaluate } from '../../../dsl/lang/evaluate.ts';
import { copyRows, count } from './operator.types.ts';

it('an operator is a callable value with its specification and the place of its definition', () => {
  expect(count).toBeTypeOf('function');
  expect(count.spec.dims).toEqual(['R', 'S', 'V']);
  expect(count.definedAt()).toMatch(/^operator\.types\.ts:\d+$/);
});

it('a write of a dense state names leading axes and gives the rest by a function', () => {
  const inputs = { row: [2, -1], x: [1, 2, 3, 4], rows: [0, 0, 0, 0, 9, 9] };
  expect([...evaluate(copyRows, { dims: { R: 2, S: 3, V: 2 }, inputs }).rows]).toEqual([0, 0, 0, 0, 1, 2]);
});
