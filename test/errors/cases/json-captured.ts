import { act, op } from 'warpsmith/dsl';

import config from '../../../package.json' with { type: 'json' };

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => config.version * x(t, h) }),
});
