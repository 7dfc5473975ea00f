/**
 * Typed scalar expressions: what `read` makes of the functions an author wrote, and what every later stage rewrites.
 * An expression is a DAG of plain readonly objects; a local `const` used twice is one object met twice.
 */
import type { IntrinsicName } from '../../dsl/lang/intrinsics.ts';

/** Where a node came from: a position in the author's file, 1-based line and column. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** Index arithmetic is i32, all other arithmetic f32; loads widen to one of the two. */
export type ScalarType = 'f32' | 'i32' | 'bool';

/** A bound index: an output's axis, a reduction's or an attend's. Ids are unique within one operator. */
export interface IndexVariable {
  readonly id: number;
  readonly name: string;
}

interface Node {
  readonly span: Span;
}

export type Expression =
  | (Node & { readonly kind: 'number'; readonly type: 'f32' | 'i32'; readonly value: number })
  | (Node & { readonly kind: 'dim'; readonly type: 'i32'; readonly name: string })
  | (Node & { readonly kind: 'attr'; readonly type: 'f32' | 'i32'; readonly name: string })
  | (Node & { readonly kind: 'index'; readonly type: 'i32'; readonly variable: IndexVariable })
  | (Node & Local)
  | (Node & Load)
  | (Node & BatchQuery)
  | (Node & { readonly kind: 'negate'; readonly type: 'f32' | 'i32'; readonly operand: Expression })
  | (Node & { readonly kind: 'not'; readonly type: 'bool'; readonly operand: Expression })
  | (Node & Binary)
  | (Node & Compare)
  | (Node & {
      readonly kind: 'logical';
      readonly type: 'bool';
      readonly op: '&&' | '||';
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & Select)
  | (Node & {
      readonly kind: 'intrinsic';
      readonly type: 'f32' | 'i32';
      readonly name: IntrinsicName;
      readonly args: readonly Expression[];
    })
  | (Node & { readonly kind: 'convert'; readonly type: 'f32' | 'i32'; readonly operand: Expression })
  | (Node & Round)
  | (Node & Reduce);

/** A value that lowering has computed and named: a hoisted reduction, a shared subexpression, a product's accumulator. */
export interface Local {
  readonly kind: 'local';
  readonly type: ScalarType;
  readonly name: string;
}

/** An element of a tensor. A paged tensor is read through a field at [sequence, position, ...field indices]. */
export interface Load {
  readonly kind: 'load';
  readonly type: 'f32' | 'i32';
  readonly tensor: string;
  /** The field of a paged tensor; null for a dense one. */
  readonly field: string | null;
  readonly indices: readonly Expression[];
}

/**
 * A fact about the ragged batch. seq, pos, slot take a token; seqStart (first token in the batch), seqLen (tokens in the
 * batch) and contextLen (tokens in all, those of this step included) take a sequence.
 */
export interface BatchQuery {
  readonly kind: 'batch';
  readonly type: 'i32';
  readonly query: 'seq' | 'pos' | 'slot' | 'seqStart' | 'seqLen' | 'contextLen';
  readonly of: Expression;
}

/** `/` is f32 on f32, and exact division on i32 made of dimensions only; idiv and mod round toward minus infinity. */
export interface Binary {
  readonly kind: 'binary';
  readonly type: 'f32' | 'i32';
  readonly op: '+' | '-' | '*' | '/' | 'idiv' | 'mod' | 'minimum' | 'maximum';
  readonly left: Expression;
  readonly right: Expression;
}

export interface Compare {
  readonly kind: 'compare';
  readonly type: 'bool';
  readonly op: '<' | '<=' | '>' | '>=' | '==' | '!=';
  readonly left: Expression;
  readonly right: Expression;
}

/** Only the chosen side is evaluated: a ternary guards its loads. */
export interface Select {
  readonly kind: 'select';
  readonly type: 'f32' | 'i32' | 'bool';
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

/** A rounding point kept by fusion: the value as it would read back from a tensor of this element type. */
export interface Round {
  readonly kind: 'round';
  readonly type: 'f32' | 'i32';
  readonly element: StorageType;
  readonly operand: Expression;
}

/** A storage type once an engine has bound act, weight and cache. */
export type StorageType = 'bf16' | 'f16' | 'f32' | 'i32';

/**
 * A reduction of `body` over `variable` in [0, extent).
 * sum, max: f32. argmax: i32, the least index of the largest value. topN: i32, the index of the value at place `parameter`
 * in descending order (ties: least index first) among the first `count`. kthLargest: f32, the value at place
 * `parameter` counted from 1. massThreshold: f32, the largest value v of the body such that the elements >= v hold at least
 * the share `parameter` of the sum of exp(body).
 */
export interface Reduce {
  readonly kind: 'reduce';
  readonly type: 'f32' | 'i32';
  readonly op: 'sum' | 'max' | 'argmax' | 'topN' | 'kthLargest' | 'massThreshold';
  readonly variable: IndexVariable;
  readonly extent: Expression;
  readonly body: Expression;
  readonly parameter: Expression | null;
  readonly count: Expression | null;
}
