/**
 * Kernels: what lowering makes of a program. Each is one launch. A kernel's expressions still name values; rendering turns
 * them into parameters and addresses. The class follows from the form of the expressions alone.
 */
import type { Expression, IndexVariable } from './expression.ts';
import type { BoundDefinition, Extent } from './program.ts';

export type Kernel = NestKernel | ContractKernel | AttendKernel;

interface KernelBase {
  /** snake_case, from the operators it came of; kernels with equal text share one function. */
  readonly name: string;
  readonly anchors: readonly string[];
  readonly label: string;
}

/** Classes `map` and `rows`: nests that share their leading axis, run row by row, each row by one thread. */
export interface NestKernel extends KernelBase {
  readonly kind: 'nest';
  readonly row: IndexVariable;
  readonly rows: Expression;
  readonly nests: readonly Nest[];
  /** Values that live in one row only and are kept in a buffer of the thread. */
  readonly locals: readonly string[];
}

/** One definition inside a NestKernel, its leading index renamed to the kernel's row. */
export type Nest =
  | {
      readonly kind: 'store';
      readonly output: string;
      readonly axes: readonly Axis[];
      readonly value: Expression;
      readonly row: IndexVariable;
      readonly anchor: string;
    }
  | {
      readonly kind: 'scatter';
      readonly output: string;
      readonly slot: readonly Expression[];
      readonly writes: readonly {
        readonly field: string | null;
        readonly axes: readonly Axis[];
        readonly value: Expression;
      }[];
      readonly anchor: string;
    };

export interface Axis {
  readonly variable: IndexVariable;
  readonly extent: Expression;
}

/** sum over depth of rowOperand * columnOperand, both contiguous along it. */
export interface Contraction {
  /** A `local` node of this name stands for the accumulator in the epilogue or the score. */
  readonly accumulator: string;
  readonly depth: Extent;
  readonly row: Operand;
  readonly column: Operand;
}

/** A load without its last index: the address of a row of `depth` contiguous elements. */
export interface Operand {
  readonly tensor: string;
  readonly field: string | null;
  readonly indices: readonly Expression[];
}

/** Class `contract`: output[batch…, rows…, columns…] = epilogue of products with a prologue of addresses only. */
export interface ContractKernel extends KernelBase {
  readonly kind: 'contract';
  readonly output: string;
  /** The output's axes in order. */
  readonly axes: readonly Axis[];
  /** Which of the axes index the left operands' rows only, the right operands' only, or both. */
  readonly roles: readonly ('row' | 'column' | 'batch')[];
  readonly products: readonly Contraction[];
  readonly epilogue: Expression;
}

/** Class `attend`: online softmax over blocks of keys. */
export interface AttendKernel extends KernelBase {
  readonly kind: 'attend';
  readonly output: string;
  readonly axes: readonly Axis[];
  readonly key: IndexVariable;
  readonly low: Expression;
  readonly high: Expression;
  /** Products of a query row with a key row inside the score, by accumulator. */
  readonly products: readonly Contraction[];
  readonly score: Expression;
  readonly mask: Expression | null;
  readonly value: AttendValue;
  readonly width: Expression;
  readonly sharing: QuerySharing;
}

/** The values as rows of a tensor, or as an expression that is evaluated into a tile first. */
export type AttendValue =
  | { readonly kind: 'rows'; readonly operand: Operand }
  | { readonly kind: 'expression'; readonly index: IndexVariable; readonly value: Expression };

/**
 * Which queries read the same keys and values, so that a block of them shares each load: tokens of one sequence (keys know
 * the token only through its sequence), all tokens (keys do not know it), or none; and `heads` neighbours along axis 1 (keys
 * know it only through idiv(h, heads)), 0 for all of that axis.
 */
export interface QuerySharing {
  readonly tokens: 'sequence' | 'all' | 'none';
  readonly heads: number;
  /** Whether `low` is one for all tokens of a sequence, so that the blocks of keys may start at it. */
  readonly lowIsShared: boolean;
}

export interface LoweredProgram {
  readonly kernels: readonly Kernel[];
  /** For `explain`: what did not fuse and why. */
  readonly notes: readonly FusionNote[];
}

export interface FusionNote {
  readonly producer: string;
  readonly consumer: string;
  readonly fused: boolean;
  readonly reason: string;
}

export type { BoundDefinition };
