import { i32, state } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { scatter } from '../lang/scatter.ts';

/**
 * Counts the tokens drawn, for the penalties of later steps: outputCounts[stateRow[r], token[r]] += 1; a row r with
 * usePenalties[r] = 0 reads and writes none.
 * token: i32[R] in [0, V), stateRow: i32[R] in [0, S), usePenalties: i32[R], outputCounts: state i32[S, V] ->
 * outputCounts: state i32[S, V].
 */
export const countTokens = op({
  dims: ['R', 'S', 'V'],
  inputs: ({ R, S, V }) => ({
    token: i32(R).in(0, V),
    stateRow: i32(R).in(0, S),
    usePenalties: i32(R),
    outputCounts: state(i32(S, V)),
  }),
  outputs: ({ S, V }) => ({ outputCounts: state(i32(S, V)) }),
  define: ({ R }, { token, stateRow, usePenalties, outputCounts }) => ({
    outputCounts: scatter(R, (r) => ({
      slot: [usePenalties(r) !== 0 ? stateRow(r) : -1, token(r)],
      value: usePenalties(r) !== 0 ? outputCounts(stateRow(r), token(r)) + 1 : 0,
    })),
  }),
});
