import { i32, state } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * The ids of a step's tokens: ids[t] = stepTokens[t], and for a negative one lastTokens[-1 - stepTokens[t]], the last token that the
 * sequence in that row of the state drew, which the host need not have seen.
 * stepTokens: i32[T] in [-S, V), lastTokens: state i32[S] in [0, V) -> ids: i32[T] in [0, V).
 */
export const knownTokens = op({
  dims: ['T', 'S', 'V'],
  inputs: ({ T, S, V }) => ({ stepTokens: i32(T).in(-S, V), lastTokens: state(i32(S).in(0, V)) }),
  outputs: ({ T, V }) => ({ ids: i32(T).in(0, V) }),
  define: (_, { stepTokens, lastTokens }) => ({
    ids: (t) => (stepTokens(t) < 0 ? lastTokens(-1 - stepTokens(t)) : stepTokens(t)),
  }),
});
