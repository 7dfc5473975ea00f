/** Pure functions of an author's own, as operators in other files use them. */
import { exp } from 'warpsmith/dsl';

export const STEEPNESS = 1.5;

export function gate(x: number, steepness = STEEPNESS): number {
  return 1 / (1 + exp(-steepness * x));
}

/** A function of functions: f(i) folded with its mirror. */
export const mirrored = (n: number, f: (i: number) => number) => (i: number) => f(i) + f(n - 1 - i);
