import { act, op } from 'warpsmith/dsl';

class Gate {
  static open = (x: number) => x;
}

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => Gate.open(x(t, h)) }),
});
