import { describe, expect, test } from 'vitest';
import { Atoms, between } from '../../../../codegen/read/ranges/atoms.ts';
import {
  add,
  atom,
  constant,
  divideExactly,
  multiply,
  type Polynomial,
  subtract,
  tighten,
} from '../../../../codegen/read/ranges/polynomial.ts';
import { isNeverNegative } from '../../../../codegen/read/ranges/prove.ts';

const atoms = new Atoms();
const dimension = (name: string): Polynomial => atoms.dimension(name);
const index = (name: string): Polynomial => atom(atoms.get(`index ${name}`, name).id);
const minus = (a: Polynomial, b: Polynomial, less = 0): Polynomial => subtract(subtract(a, b), constant(less));

const [H, D] = [dimension('H'), dimension('D')];
const [h, d] = [index('h'), index('d')];
const inBounds = [...between(h, constant(0), H), ...between(d, constant(0), D)];

describe('a polynomial that is never negative', () => {
  test.each([
    ['dimensions are at least 1', minus(H, constant(1)), []],
    ['an index is below its extent', minus(H, h, 1), inBounds],
    ['a merged index is below the product', minus(multiply(H, D), add(multiply(h, D), d), 1), inBounds],
    ['a fact beside the bounds', minus(h, D), [...inBounds, minus(h, D)]],
    ['facts that contradict each other', constant(-1), [minus(h, constant(3)), minus(constant(2), h)]],
  ])('%s', (_, goal, facts) => expect(isNeverNegative(atoms, goal, facts)).toBe(true));
});

describe('a polynomial that may be negative', () => {
  test.each([
    ['a dimension may be 1', minus(H, constant(2)), []],
    ['an index reaches its extent less 1', minus(H, h, 2), inBounds],
    ['a merged index of the wrong stride', minus(multiply(H, D), add(multiply(h, H), d), 1), inBounds],
    ['a fact about the extent alone', minus(h, D), [...inBounds, minus(H, D)]],
  ])('%s', (_, goal, facts) => expect(isNeverNegative(atoms, goal, facts)).toBe(false));
});

describe('polynomials', () => {
  test('integers are tightened: 2n - 1 >= 0 is n - 1 >= 0', () => {
    const n = dimension('N');
    expect(tighten(minus(multiply(constant(2), n), constant(1)))).toEqual(minus(n, constant(1)));
  });

  test('division is exact or refused', () => {
    expect(divideExactly(multiply(multiply(H, D), constant(4)), multiply(D, constant(2)))).toEqual(
      multiply(H, constant(2)),
    );
    expect(divideExactly(add(multiply(H, D), constant(1)), D)).toBeNull();
  });

  test('a dimension known as a product prints under its own name', () => {
    const own = new Atoms();
    own.learnDivisible('HQ', own.dimension('HK'), 'HK');
    expect(own.print(minus(multiply(constant(2), own.dimension('HQ')), constant(1)))).toBe('2 * HQ - 1');
    expect(divideExactly(own.dimension('HQ'), own.dimension('HK'))).not.toBeNull();
  });
});
