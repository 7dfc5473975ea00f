/**
 * Symbolic tensors: what a model's function computes with while it is traced. Calling an operator on symbolic tensors
 * records a call in their graph; nothing is evaluated. Shapes hold numbers and the names of symbolic counts ('T', 'B').
 */
import type { Operator } from './operator.ts';

/** A count known only at a step, by name, or a constant of the built engine. */
export type Extent = number | string;

/** What a value is declared to hold: act, weight and cache are bound to a type when an engine is built. */
export type StorageElement = 'act' | 'weight' | 'cache' | 'f32' | 'i32';

/** Where a value comes from. A checkpoint value is a list of row segments, in order, of tensors of the checkpoint. */
export type ValueSource =
  /** The output of a call, by the call's id and the declared name. */
  | { readonly kind: 'call'; readonly call: number; readonly output: string }
  /** Filled by the caller of a step (token ids, sampling parameters) or of a single program. */
  | { readonly kind: 'input'; readonly name: string }
  /** Weights, loaded once. */
  | { readonly kind: 'checkpoint'; readonly name: string; readonly segments: readonly WeightSegment[] }
  /** Computed once from the config, f32: inverse frequencies of rope, in radians a position. */
  | { readonly kind: 'constant'; readonly name: string; readonly data: readonly number[] }
  /** Lives across steps. */
  | { readonly kind: 'state'; readonly name: string }
  /** The memory of another value, by its id, row-major, under another shape of as many elements. */
  | { readonly kind: 'view'; readonly of: number };

/** Rows [rowStart, rowStart + rows) and columns [columnStart, columnStart + columns) of a checkpoint tensor [totalRows, totalColumns]. */
export interface WeightSegment {
  /** Its name in the checkpoint. */
  readonly tensor: string;
  /** The first row of the segment. */
  readonly rowStart: number;
  /** Rows of the segment. */
  readonly rows: number;
  /** The first column of the segment, in elements. */
  readonly columnStart: number;
  /** Columns of the segment. */
  readonly columns: number;
  /** Rows of the tensor. */
  readonly totalRows: number;
  /** Columns of the tensor; 1 where it has one axis. */
  readonly totalColumns: number;
}

/** A tensor of a graph: what it holds, its shape, in elements, and where it comes from. */
export interface GraphValue {
  /** Its place among the graph's values, from 0. */
  readonly id: number;
  /** What it holds; `cache` for a paged state. */
  readonly element: StorageElement;
  /** For a paged state: the shape of the fields is in `paged`, and `shape` is empty. */
  readonly shape: readonly Extent[];
  /** The shape of a row of each field, in elements; null for a dense tensor. */
  readonly paged: Readonly<Record<string, readonly number[]>> | null;
  /** Where it comes from. */
  readonly source: ValueSource;
}

/** One call of an operator with its dimensions and attributes bound; inputs and outputs are ids of values. */
export interface GraphCall {
  /** Its place among the graph's calls, from 0. */
  readonly id: number;
  /** What is called. */
  readonly operator: Operator;
  /** Each dimension's size, or the count that it is. */
  readonly dims: Readonly<Record<string, Extent>>;
  /** By declared name, in the units that the operator gives them (an epsilon, a factor). */
  readonly attrs: Readonly<Record<string, number>>;
  /** Declared name to value id. */
  readonly inputs: Readonly<Record<string, number>>;
  /** Declared name to value id. */
  readonly outputs: Readonly<Record<string, number>>;
  /** A path such as `layers.3.mlp`, for messages and timings; kernels do not depend on it. */
  readonly label: string;
  /**
   * A collective that follows the call's outputs when tensor parallel size is above 1: their sum, or the ranks' parts one
   * after the other along the last axis. The outputs' values have the shape after it.
   */
  readonly collective: 'none' | 'allReduce' | 'allGather';
}

/** A traced program: calls in data-flow order, and the values it returns by name. */
export interface Graph {
  /** Of the program that it becomes. */
  readonly name: string;
  /** By id. */
  readonly values: readonly GraphValue[];
  /** By id. */
  readonly calls: readonly GraphCall[];
  /** The returned name to value id. */
  readonly results: Readonly<Record<string, number>>;
}
