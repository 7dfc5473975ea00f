import { act, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'HQ', 'HK'],
  inputs: ({ T, HQ }) => ({ x: act(T, HQ) }),
  outputs: ({ T, HQ }) => ({ y: act(T, HQ) }),
  define: ({ HQ, Hk }, { x }) => ({ y: (t, h) => x(t, Hk - HQ + h) }),
});
