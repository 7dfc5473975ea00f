import { act, op } from 'warpsmith/dsl';

const half: number = whole / 2;
const whole: number = half * 2;

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => half * x(t, h) }),
});
