import { act, idiv, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'HQ', 'HK'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HK }) => ({ k: act(T, HK) }),
  outputs: ({ T, HQ }) => ({ y: act(T, HQ) }),
  define: ({ HQ, HK }, { k }) => ({ y: (t, h) => k(t, idiv(h, HQ / HK) + 1) }),
});
