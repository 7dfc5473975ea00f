/** What authors bring from elsewhere (JavaScript, PyTorch, NumPy, Triton), and what the language has in its place: mends by name. */

export const mathMends: Readonly<Record<string, string>> = {
  random:
    'Draw with `uniform(seed, position, id)` or `gumbel(seed, position, id)`, which are the same in every execution.',
  min: 'Write `minimum(a, b)` from warpsmith/dsl.',
  max: 'Write `maximum(a, b)` from warpsmith/dsl.',
  pow: 'Multiply, or write `exp(y * log(x))`.',
  trunc: 'Write `floor(x)`, or `idiv(a, b)` between indices.',
  round: 'Write `floor(x + 0.5)`.',
  ceil: 'Write `-floor(-x)`.',
  tan: 'Write `sin(x) / cos(x)`.',
};

/** Names that JavaScript has everywhere. */
export const globalMends: Readonly<Record<string, string>> = {
  NaN: 'A NaN is what is not itself: test `x !== x`, where `x` is a const.',
  Number: 'A number needs no conversion; `x !== x`, where `x` is a const, tells a NaN.',
  isNaN: 'A NaN is what is not itself: test `x !== x`, where `x` is a const.',
  parseFloat: 'Write the number itself.',
  parseInt: 'Write the number itself.',
  undefined: 'Give a number, such as 0: every element of an output has one.',
  process: 'What differs from run to run is an attr: declare it in `attrs`.',
  Date: 'What differs from run to run is an attr: declare it in `attrs`.',
};

/** Names of other tensor languages. */
export const foreignMends: Readonly<Record<string, string>> = {
  relu: 'Write `maximum(x, 0)`.',
  clamp: 'Write `minimum(maximum(x, low), high)`.',
  clip: 'Write `minimum(maximum(x, low), high)`.',
  where: 'Write `condition ? a : b`; only the chosen side is evaluated.',
  select: 'Write `condition ? a : b`; only the chosen side is evaluated.',
  softmax: 'Write `attend`, whose weights are a softmax; alone it is `exp(x - most) / sum(N, i => exp(… - most))`.',
  mean: 'Write `sum(N, i => …) / N`.',
  min: 'Write `minimum(a, b)` of two numbers, `-max(N, i => -…)` of many.',
  pow: 'Multiply, or write `exp(y * log(x))`.',
  require: 'Import it at the top of the file.',
  ...Object.fromEntries(
    ['dot', 'matmul', 'mm', 'bmm', 'einsum'].map((name) => [
      name,
      'Write the sum: `sum(K, k => a(t, k) * b(n, k))`; the compiler makes a matrix product of it.',
    ]),
  ),
};
