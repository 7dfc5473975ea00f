/** Statements: the loops of a nest kernel, still over values and logical indices. Rendering prints them as C. */
import type { Expression, IndexVariable } from './expression.ts';

export type Statement =
  | { readonly kind: 'comment'; readonly text: string }
  /** `simd` promises that the iterations are independent, but for the reductions named. */
  | {
      readonly kind: 'loop';
      readonly variable: IndexVariable;
      readonly low: Expression;
      readonly high: Expression;
      readonly simd: boolean;
      readonly reductions: readonly { readonly op: '+' | 'max'; readonly name: string }[];
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'if'; readonly condition: Expression; readonly body: readonly Statement[] }
  /** Of which one side runs; made where a target computes both sides of a ternary. */
  | {
      readonly kind: 'choose';
      readonly condition: Expression;
      readonly whenTrue: readonly Statement[];
      readonly whenFalse: readonly Statement[];
    }
  | { readonly kind: 'declare'; readonly name: string; readonly value: Expression; readonly mutable: boolean }
  | { readonly kind: 'accumulate'; readonly op: '+' | 'max'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'store'; readonly target: StoreTarget; readonly value: Expression }
  /** A row of f32 in the thread's scratch memory. */
  | { readonly kind: 'buffer'; readonly name: string; readonly element: 'f32' | 'i32'; readonly extent: Expression }
  | { readonly kind: 'fill'; readonly name: string; readonly index: Expression; readonly value: Expression }
  /** `name = select(row, extent, parameter)`; topN writes `count` indices into the buffer `name`. */
  | {
      readonly kind: 'selectRow';
      readonly op: 'argmax' | 'topN' | 'kthLargest' | 'massThreshold';
      readonly name: string;
      readonly row: RowSource;
      readonly extent: Expression;
      readonly parameter: Expression | null;
    };

export interface StoreTarget {
  readonly tensor: string;
  readonly field: string | null;
  /** Logical indices; for a paged field the slot comes first. */
  readonly indices: readonly Expression[];
}

/** A row that is already in memory (its indices but the last), or one in a buffer. */
export type RowSource =
  | { readonly kind: 'buffer'; readonly name: string }
  | { readonly kind: 'tensor'; readonly tensor: string; readonly indices: readonly Expression[] };
