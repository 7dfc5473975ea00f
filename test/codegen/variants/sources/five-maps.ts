import { act, exp, minimum, op, silu, tanh, weight } from 'warpsmith/dsl';

/** y = x * gain, one gain a column. */
export const scaled = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H), gain: weight(H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x, gain }) => ({ y: (t, h) => x(t, h) * gain(h) }),
});

export const bent = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => silu(x(t, h)) + 0.25 }),
});

export const capped = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => minimum(x(t, h), 3) }),
});

export const squashed = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => tanh(x(t, h)) * exp(-x(t, h)) }),
});

export const added = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H), other: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x, other }) => ({ y: (t, h) => x(t, h) + other(t, h) }),
});
