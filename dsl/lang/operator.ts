/**
 * `op` makes an operator of its specification: a value that can be called on symbolic tensors while a model is traced, and
 * whose `define` the oracle runs. The types here give each of the author's arrows its parameters.
 */
import type { Attended } from './attend.ts';
import { type CallOptions, callOperator } from './call.ts';
import type {
  Attrs,
  Declarations,
  DenseDeclaration,
  DimensionDeclaration,
  PagedDeclaration,
  Ragged,
  Shape,
} from './declare.ts';
import { originOf } from './origin.ts';
import type { Scattered } from './scatter.ts';
import type { SymbolicTensor } from './symbolic.ts';

/** One index an axis. */
type Index<S extends readonly unknown[]> = { readonly [Axis in keyof S]: number };

/** A tensor as an author reads it: t(i, j) of a dense one, kv.field(sequence, position, i) of a paged one. */
type LoadsOf<Declaration> =
  Declaration extends PagedDeclaration<infer Fields>
    ? {
        readonly [Field in keyof Fields]: (
          sequence: number,
          position: number,
          ...index: Index<Fields[Field]>
        ) => number;
      }
    : Declaration extends DenseDeclaration<infer _Element, infer S>
      ? (...index: Index<S>) => number
      : never;

/** What `define` gives for an output: a function of its indices, or the writes of a state's next version. */
type DefinitionOf<Declaration> =
  Declaration extends PagedDeclaration<infer Fields>
    ? Scattered<PagedWrite<Fields>>
    : Declaration extends DenseDeclaration<infer _Element, infer S, infer State>
      ? State extends true
        ? Scattered<DenseWrite<S>>
        : (...index: Index<S>) => number | Attended
      : never;

type PagedWrite<Fields extends Readonly<Record<string, Shape>>> = { readonly slot: number } & {
  readonly [Field in keyof Fields]: (...index: Index<Fields[Field]>) => number;
};

/** One index a leading axis, and the value at the axes that remain; a number where none does. */
type DenseWrite<S extends readonly unknown[], Leading extends readonly unknown[] = []> = S extends readonly [
  infer First,
  ...infer Rest,
]
  ? DenseWriteAt<[...Leading, First], Rest> | DenseWrite<Rest, [...Leading, First]>
  : never;

interface DenseWriteAt<Leading extends readonly unknown[], Rest extends readonly unknown[]> {
  readonly slot: Index<Leading>;
  readonly value: Rest extends readonly [] ? number : (...index: Index<Rest>) => number;
}

type DimensionName<Dimension> = Dimension extends string
  ? Dimension
  : Dimension extends Ragged<infer Tokens, infer Sequences>
    ? Tokens | Sequences
    : never;

type DimValues<Dims extends readonly DimensionDeclaration[]> = {
  readonly [Name in DimensionName<Dims[number]>]: number;
};

type AttrValues<A extends Attrs> = { readonly [Name in keyof A]: number };

/** What an author writes; see docs/language.md for the language inside `define`. */
export interface TypedSpec<
  Dims extends readonly DimensionDeclaration[],
  Inputs extends Declarations,
  Outputs extends Declarations,
  A extends Attrs,
> {
  /** Names of its dimensions: features, which are constants of what is built, and counts, known at each call. */
  readonly dims: Dims;
  /** What must hold of the dimensions; checked at each call, and a fact for the range checker. */
  readonly where?: (dims: DimValues<Dims>) => readonly boolean[];
  /** What it reads, by name: a declaration each, whose shape is affine in the dimensions. */
  readonly inputs: (dims: DimValues<Dims>) => Inputs;
  /** Numbers that are constants of what is built, such as `{ scale: f32 }`. */
  readonly attrs?: A;
  /** What it computes, by name; a state among them is the next version of the input of that name. */
  readonly outputs: (dims: DimValues<Dims>) => Outputs;
  /**
   * Whether outputs may stay f32 where fusion keeps them out of memory; by default they are rounded to their type there too, so
   * that a fused chain gives the bits of the unfused one.
   */
  readonly relaxed?: boolean;
  /** For each output the pure function of its indices that Node runs and the compiler reads, or the `scatter` of a state. */
  readonly define: (
    dims: DimValues<Dims>,
    inputs: { readonly [Name in keyof Inputs]: LoadsOf<Inputs[Name]> },
    attrs: AttrValues<A>,
  ) => { readonly [Name in keyof NoInfer<Outputs>]: DefinitionOf<NoInfer<Outputs>[Name]> };
}

export type Load = (...index: readonly number[]) => number;
export type Loads = Load | Readonly<Record<string, Load>>;
type Write = Readonly<Record<string, number | readonly number[] | Load>>;
export type Definition = ((...index: readonly number[]) => number | Attended) | Scattered<Write>;

type Numbers = Readonly<Record<string, number>>;

/** A specification whose names are not known to the type checker, as the oracle and the tracer see it. */
export interface OperatorSpec<Outputs extends Declarations = Declarations> {
  /** Names of its dimensions, of a ragged pair both. */
  readonly dims: readonly DimensionDeclaration[];
  /** What must hold of the dimensions. */
  readonly where?: (dims: Numbers) => readonly boolean[];
  /** Declarations of what it reads. */
  readonly inputs: (dims: Numbers) => Declarations;
  /** Numbers that are constants of what is built. */
  readonly attrs?: Attrs;
  /** Declarations of what it computes. */
  readonly outputs: (dims: Numbers) => Outputs;
  /** The author's own function, which the oracle calls. */
  readonly define: (
    dims: Numbers,
    inputs: Readonly<Record<string, Loads>>,
    attrs: Numbers,
  ) => Readonly<Record<string, Definition>>;
}

/** An operator as a value: what graphs hold and what finds its source again. */
export interface Operator<Outputs extends Declarations = Declarations> {
  /** What its author wrote. */
  readonly spec: OperatorSpec<Outputs>;
  /** `file.ts:line`, for messages. */
  readonly definedAt: () => string;
}

/**
 * An operator as a model calls it: inputs by name, attributes (left out where there are none), and as options the dimensions that no
 * input's shape gives. It returns the outputs by name. Throws LanguageError where the call does not fit: `no-input`, `input-names`,
 * `attribute-names`, `shape`, `element`, `dimension`, `extent`, `where`, and `state-outdated` for a state as it was before an operator that wrote it.
 */
export interface CallableOperator<
  Dims extends readonly DimensionDeclaration[],
  Inputs extends Declarations,
  Outputs extends Declarations,
  A extends Attrs,
> extends Operator<Outputs> {
  (
    inputs: { readonly [Name in keyof Inputs]: SymbolicTensor },
    ...rest: keyof A extends never
      ? [attrs?: Readonly<Record<string, never>>, options?: CallOptions<DimensionName<Dims[number]>>]
      : [attrs: AttrValues<A>, options?: CallOptions<DimensionName<Dims[number]>>]
  ): { readonly [Name in keyof Outputs]: SymbolicTensor };
}

/**
 * An operator of a specification; its source is found through the module and the name under which it is exported.
 *
 * @throws LanguageError not here but where the operator is called on symbolic tensors; see `CallableOperator`.
 */
export function op<
  const Dims extends readonly DimensionDeclaration[],
  Inputs extends Declarations,
  Outputs extends Declarations,
  A extends Attrs = Readonly<Record<never, never>>,
>(spec: TypedSpec<Dims, Inputs, Outputs, A>): CallableOperator<Dims, Inputs, Outputs, A> {
  // The one place where the author's names leave the type checker: callers of the erased form check names and arity themselves.
  const erased = spec as unknown as OperatorSpec<Outputs>;
  const operator: Operator<Outputs> = { spec: erased, definedAt: originOf(op) };
  const call = (inputs: Readonly<Record<string, SymbolicTensor>>, attrs: Numbers = {}, options: CallOptions = {}) =>
    callOperator(callable, inputs, attrs, options);
  const callable = Object.assign(call, operator) as CallableOperator<Dims, Inputs, Outputs, A>;
  return callable;
}
