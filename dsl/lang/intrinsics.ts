/**
 * The scalar functions that no TypeScript body describes to the compiler. Each is declared once, here: its name, the types it
 * takes and gives, and its execution in Node. The C++ and CUDA executions are functions of the libraries in templates/,
 * named by `targetName`.
 */
import { gumbel as gumbelNoise, uniform as uniformNoise } from './philox.ts';

interface Intrinsic {
  readonly arity: 1 | 2 | 3;
  /** The type of every argument; an i32 meeting f32 is converted. */
  readonly argument: 'f32' | 'i32';
  readonly result: 'f32' | 'i32';
  /** The oracle: f64 arithmetic, but for the noise, whose bits are part of its meaning. */
  readonly node: (...args: number[]) => number;
}

/** The functions that every target has: how many arguments, their type and the result's, and what Node computes for them. */
export const intrinsics = {
  exp: { arity: 1, argument: 'f32', result: 'f32', node: (x) => Math.exp(x) },
  log: { arity: 1, argument: 'f32', result: 'f32', node: (x) => Math.log(x) },
  sqrt: { arity: 1, argument: 'f32', result: 'f32', node: (x) => Math.sqrt(x) },
  rsqrt: { arity: 1, argument: 'f32', result: 'f32', node: (x) => 1 / Math.sqrt(x) },
  tanh: { arity: 1, argument: 'f32', result: 'f32', node: (x) => Math.tanh(x) },
  sin: { arity: 1, argument: 'f32', result: 'f32', node: (x) => Math.sin(x) },
  cos: { arity: 1, argument: 'f32', result: 'f32', node: (x) => Math.cos(x) },
  abs: { arity: 1, argument: 'f32', result: 'f32', node: (x) => Math.abs(x) },
  floor: { arity: 1, argument: 'f32', result: 'f32', node: (x) => Math.floor(x) },
  uniform: { arity: 3, argument: 'i32', result: 'f32', node: (seed, position, id) => uniformNoise(seed, position, id) },
  gumbel: { arity: 3, argument: 'i32', result: 'f32', node: (seed, position, id) => gumbelNoise(seed, position, id) },
} as const satisfies Readonly<Record<string, Intrinsic & { node: (a: number, b: number, c: number) => number }>>;

/** A name of `intrinsics`. */
export type IntrinsicName = keyof typeof intrinsics;

/** Whether it is a name of `intrinsics`. */
export function isIntrinsicName(name: string): name is IntrinsicName {
  return Object.hasOwn(intrinsics, name);
}

/** The function of the target libraries that stands for a named function of the language: `kthLargest` is `ws_kth_largest`. */
export function targetName(name: string): string {
  return `ws_${name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)}`;
}

/** exp(x) = e^x; 0 for -Infinity. */
export const exp = (x: number): number => intrinsics.exp.node(x);
/** log(x) = ln x, the natural logarithm; -Infinity for 0, NaN below. */
export const log = (x: number): number => intrinsics.log.node(x);
/** sqrt(x) = x^(1/2); NaN below 0. */
export const sqrt = (x: number): number => intrinsics.sqrt.node(x);
/** rsqrt(x) = 1 / sqrt(x); Infinity for 0, NaN below. */
export const rsqrt = (x: number): number => intrinsics.rsqrt.node(x);
/** tanh(x) = (e^x - e^-x) / (e^x + e^-x): in [-1, 1]. */
export const tanh = (x: number): number => intrinsics.tanh.node(x);
/** sin(x) = the sine of x radians: in [-1, 1]. */
export const sin = (x: number): number => intrinsics.sin.node(x);
/** cos(x) = the cosine of x radians: in [-1, 1]. */
export const cos = (x: number): number => intrinsics.cos.node(x);
/** abs(x) = x without its sign. */
export const abs = (x: number): number => intrinsics.abs.node(x);
/** floor(x) = the largest whole number that is not above x, as a float; between indices see `idiv`. */
export const floor = (x: number): number => intrinsics.floor.node(x);

/**
 * uniform(seed, position, id) = a uniform draw in (0, 1), keyed by three i32: the first word of Philox 4x32-10 (Salmon et al., 2011);
 * bitwise the same in every execution.
 */
export const uniform = (seed: number, position: number, id: number): number =>
  intrinsics.uniform.node(seed, position, id);

/** gumbel(seed, position, id) = -log(-log(uniform(seed, position, id))), a standard Gumbel draw; bitwise the same in every execution. */
export const gumbel = (seed: number, position: number, id: number): number =>
  intrinsics.gumbel.node(seed, position, id);
