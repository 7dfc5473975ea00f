import { act, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (dims, inputs) => ({ y: (t, h) => inputs.x(t, h) + inputs.z(t, h) }),
});
