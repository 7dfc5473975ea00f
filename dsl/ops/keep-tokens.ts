import { i32, state } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { scatter } from '../lang/scatter.ts';

/**
 * Keeps the token drawn in row r as the last of a sequence: lastTokens[keptRow[r]] = token[r]; none for a negative keptRow[r].
 * token: i32[R] in [0, V), keptRow: i32[R] in [-1, S), lastTokens: state i32[S] in [0, V) -> lastTokens: state i32[S] in [0, V).
 */
export const keepTokens = op({
  dims: ['R', 'S', 'V'],
  inputs: ({ R, S, V }) => ({
    token: i32(R).in(0, V),
    keptRow: i32(R).in(-1, S),
    lastTokens: state(i32(S).in(0, V)),
  }),
  outputs: ({ S, V }) => ({ lastTokens: state(i32(S).in(0, V)) }),
  define: ({ R }, { token, keptRow }) => ({
    lastTokens: scatter(R, (r) => ({ slot: [keptRow(r)], value: token(r) })),
  }),
});
