import { i32, state } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * The ids of a step's tokens: ids[t] = tokens[t], and for a negative one the last token drawn by the sequence in row
 * -1 - tokens[t] of the state, which the host need not have seen.
 */
export const knownTokens = op({
  dims: ['T', 'S', 'V'],
  inputs: ({ T, S, V }) => ({ tokens: i32(T).in(-S, V), lastTokens: state(i32(S).in(0, V)) }),
  outputs: ({ T, V }) => ({ ids: i32(T).in(0, V) }),
  define: (_, { tokens, lastTokens }) => ({
    ids: (t) => (tokens(t) < 0 ? lastTokens(-1 - tokens(t)) : tokens(t)),
  }),
});
