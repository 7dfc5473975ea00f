import { expect, it } from 'vitest';
import { geluTanh, mean, sigmoid, silu, softplus } from '../../../dsl/lang/activations.ts';
import { idiv, maximum, minimum, mod } from '../../../dsl/lang/arithmetic.ts';
import { isIntrinsicName, targetName } from '../../../dsl/lang/intrinsics.ts';

it('idiv and mod round toward minus infinity', () => {
  expect([idiv(7, 2), idiv(-7, 2), mod(7, 2), mod(-7, 2), mod(-6, 3)]).toEqual([3, -4, 1, 1, 0]);
});

it('minimum and maximum ignore one NaN', () => {
  expect([minimum(Number.NaN, 1), minimum(1, Number.NaN), maximum(Number.NaN, 1), maximum(1, Number.NaN)]).toEqual([
    1, 1, 1, 1,
  ]);
  expect(maximum(Number.NaN, Number.NaN)).toBeNaN();
  expect([minimum(2, 1), maximum(2, 1)]).toEqual([1, 2]);
});

it('activations stay finite where their formulas overflow', () => {
  expect([sigmoid(-1000), silu(-1000), softplus(1000), geluTanh(-1000)]).toEqual([0, -0, 1000, -0]);
  expect(softplus(0)).toBeCloseTo(Math.log(2), 12);
  expect(mean(4, (i) => i)).toBe(1.5);
});

it('a function of the language has one name in the targets', () => {
  expect(targetName('kthLargest')).toBe('ws_kth_largest');
  expect([isIntrinsicName('exp'), isIntrinsicName('toString')]).toEqual([true, false]);
});
