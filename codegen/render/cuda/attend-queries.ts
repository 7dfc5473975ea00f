/** Which queries a block of an attend takes: tokens, and heads that share their keys, in the numbering that its templates use. */
import type { AttendKernel } from '../../ir/kernel.ts';
import { constantExtent, declareIndices, flatExtent } from '../cpu/indices.ts';
import type { KernelScope } from '../kernel-scope.ts';

/** TOKEN_BLOCK of lib/batch.cuh. */
const TOKEN_BLOCK = 128;

/** Of the tokens of sequences, those that are their sequence's only one in a block, the others, or all. */
export type TokenChoice = 'lone' | 'several' | 'any';

export interface QueryBlocks {
  readonly heads: number;
  readonly groups: number;
  readonly tokens: number;
  /** For the reader: `up to 16 tokens of a sequence and 3 heads`. */
  readonly description: string;
  /** A C expression on the host: blocks of tokens, each for every group. */
  readonly count: string;
  /** A C expression: the TokenBlock of number `place` / GROUPS. */
  readonly block: string;
  /** Declarations of the indices of query `query`, or where it is empty of the block's first. */
  readonly indices: (query: string, indent: string) => string;
}

/** Blocks of at most `most` queries. `place`: the text of the block's number, that of its group included. */
export function queryBlocks(
  kernel: AttendKernel,
  scope: KernelScope,
  most: number,
  choice: TokenChoice,
  place: string,
): QueryBlocks {
  const [tokenAxis, ...others] = kernel.axes;
  if (!tokenAxis) throw new Error('an attend has a query axis');
  const heads = headsOfBlock(kernel, most);
  const groups = others.map(constantExtent).reduce((product, extent) => product * extent, 1) / heads;
  const shared = kernel.sharing.tokens !== 'none' && choice !== 'lone';
  const tokens = shared ? Math.min(TOKEN_BLOCK, 2 ** Math.floor(Math.log2(most / heads))) : 1;
  const token = scope.index(tokenAxis.variable);
  const rows = flatExtent([tokenAxis], scope);
  return {
    heads,
    groups,
    tokens,
    description: describe(kernel, tokens, heads),
    ...placeOf(kernel, rows, tokens, choice, `${place} / GROUPS`),
    indices: (query, indent) =>
      [
        `${indent}const int ${token} = tokens.first${query === '' ? '' : ` + ${query} / HEADS`};`,
        ...(others.length === 0 ? [] : [declareIndices(others, headPlace(others.length, query), scope, indent)]),
      ].join('\n'),
  };
}

/** Heads that share their keys, or as many of them as a block has room for. */
function headsOfBlock(kernel: AttendKernel, most: number): number {
  const [, headAxis] = kernel.axes;
  if (!headAxis) return 1;
  const shared = kernel.sharing.heads === 0 ? constantExtent(headAxis) : kernel.sharing.heads;
  let heads = Math.min(shared, most);
  while (shared % heads !== 0) heads--;
  return heads;
}

/** The flat place on the axes behind the token's: of a query, or of the first of the block. */
function headPlace(axes: number, query: string): string {
  if (axes > 1) return 'group';
  return query === '' ? 'group * HEADS' : `group * HEADS + ${query} % HEADS`;
}

function describe({ sharing }: AttendKernel, tokens: number, heads: number): string {
  const several = { sequence: `up to ${tokens} tokens of a sequence`, all: `${tokens} tokens`, none: 'one token' };
  const what = tokens === 1 ? 'one token' : several[sharing.tokens];
  return heads === 1 ? what : `${what} and ${heads} heads`;
}

function placeOf(
  { sharing }: AttendKernel,
  rows: string,
  tokens: number,
  choice: TokenChoice,
  place: string,
): Pick<QueryBlocks, 'count' | 'block'> {
  switch (sharing.tokens) {
    case 'sequence':
      return placeInSequences(tokens, choice, place);
    case 'all':
      return {
        count: `(${rows} + ${tokens - 1}) / ${tokens}`,
        block: `{${place} * TOKENS, min(TOKENS, ${rows} - ${place} * TOKENS)}`,
      };
    case 'none':
      return { count: rows, block: `{${place}, 1}` };
  }
}

function placeInSequences(tokens: number, choice: TokenChoice, place: string): Pick<QueryBlocks, 'count' | 'block'> {
  switch (choice) {
    case 'lone':
      return { count: 'batch.lone_token_count', block: `batch.token_blocks[${place}]` };
    case 'several':
      return { count: `batch.piece_count(${tokens})`, block: `batch.piece(${place}, TOKENS)` };
    case 'any':
      return { count: `batch.any_piece_count(${tokens})`, block: `batch.any_piece(${place}, TOKENS)` };
  }
}
