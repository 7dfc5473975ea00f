import { act, op } from 'warpsmith/dsl';
import { clamp } from 'lodash';

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => clamp(x(t, h)) }),
});
