/** Activations and means: pure functions of the language itself, inlined by the compiler like an author's own. */
import { maximum } from './arithmetic.ts';
import { abs, exp, log, sqrt, tanh } from './intrinsics.ts';
import { sum } from './reductions.ts';

/** square(x) = x * x. */
export const square = (x: number): number => x * x;

/** sigmoid(x) = 1 / (1 + exp(-x)): in (0, 1). */
export const sigmoid = (x: number): number => 1 / (1 + exp(-x));

/** silu(x) = x * sigmoid(x) (Elfwing et al., 2017), as one division. */
export const silu = (x: number): number => x / (1 + exp(-x));

/** The tanh form of GELU (Hendrycks and Gimpel, 2016): geluTanh(x) = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))). */
export const geluTanh = (x: number): number => 0.5 * x * (1 + tanh(sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

/** softplus(x) = log(1 + exp(x)), without overflow. */
export const softplus = (x: number): number => maximum(x, 0) + log(1 + exp(-abs(x)));

/** mean(n, f) = sum(n, f) / n. */
export const mean = (n: number, f: (i: number) => number): number => sum(n, f) / n;
