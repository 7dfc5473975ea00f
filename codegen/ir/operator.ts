/** An operator as `read` understands it: declarations and one definition an output, symbolic in its dimensions. */
import type { Expression, IndexVariable, Span } from './expression.ts';

/** act, weight and cache are bound to a storage type when an engine is built; f32 and i32 stand as they are. */
export type DeclaredElement = 'act' | 'weight' | 'cache' | 'f32' | 'i32';

export interface DimensionDeclaration {
  readonly name: string;
  /** For the token axis of ragged(T, B): the name of B; null for a dense axis (B itself included). */
  readonly raggedOver: string | null;
}

/** Extents are i32 expressions of dimensions and numbers, affine in the dimensions. */
export type TensorDeclaration = DenseDeclaration | PagedDeclaration;

export interface DenseDeclaration {
  readonly kind: 'dense';
  readonly name: string;
  readonly element: DeclaredElement;
  readonly shape: readonly Expression[];
  /** Half-open range of the contents of an index tensor, where declared. */
  readonly range: { readonly low: Expression; readonly high: Expression } | null;
  /** A tensor that lives across steps and is updated in place; each write is a new version. */
  readonly state: boolean;
  readonly span: Span;
}

/** The paged cache: rows addressed by (sequence, position) through the batch's block table, or by slot when written. */
export interface PagedDeclaration {
  readonly kind: 'paged';
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly shape: readonly Expression[] }[];
  readonly span: Span;
}

export type Definition = MapDefinition | AttendDefinition | ScatterDefinition;

/** output(indices...) = value, for every index in the output's shape. */
export interface MapDefinition {
  readonly kind: 'map';
  readonly output: string;
  readonly indices: readonly IndexVariable[];
  readonly value: Expression;
  readonly span: Span;
}

/**
 * output(indices..., valueIndex) = sum_j softmax_j(score) * value, j in [low, high) where mask holds; 0 over an empty range.
 * `indices` are all axes of the output but the last, which `valueIndex` runs over.
 */
export interface AttendDefinition {
  readonly kind: 'attend';
  readonly output: string;
  readonly indices: readonly IndexVariable[];
  readonly key: IndexVariable;
  readonly low: Expression;
  readonly high: Expression;
  readonly score: Expression;
  readonly mask: Expression | null;
  readonly valueIndex: IndexVariable;
  readonly value: Expression;
  readonly span: Span;
}

/**
 * For each `variable` in [0, extent): output[slot, indices...] = value, nothing where slot < 0. The output is a new version
 * of the state tensor of the same name among the inputs. For a paged tensor there is one write a field; for a dense state
 * tensor one write with field null, whose leading axes are `slot` (one expression an axis; any negative one skips).
 */
export interface ScatterDefinition {
  readonly kind: 'scatter';
  readonly output: string;
  readonly variable: IndexVariable;
  readonly extent: Expression;
  readonly slot: readonly Expression[];
  readonly writes: readonly {
    readonly field: string | null;
    readonly indices: readonly IndexVariable[];
    readonly value: Expression;
  }[];
  readonly span: Span;
}

export interface OperatorIr {
  /** The export's name, camelCase. */
  readonly name: string;
  readonly file: string;
  readonly dimensions: readonly DimensionDeclaration[];
  readonly where: readonly Expression[];
  readonly attrs: readonly { readonly name: string; readonly type: 'f32' | 'i32' }[];
  readonly inputs: readonly TensorDeclaration[];
  readonly outputs: readonly TensorDeclaration[];
  /** Whether outputs may stay f32 where fusion keeps them out of memory. */
  readonly relaxed: boolean;
  readonly definitions: readonly Definition[];
  readonly span: Span;
}
