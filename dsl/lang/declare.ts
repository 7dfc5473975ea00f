/** Declarations of an operator's head: dimensions, tensors and attributes. Tuples keep the number of axes for the type checker. */

export type Shape = readonly number[];

/** act, weight and cache are bound to a storage type when an engine is built; f32 and i32 stand as they are. */
export type DeclaredElement = 'act' | 'weight' | 'cache' | 'f32' | 'i32';

/** A tensor of an operator's head, row-major, with an extent for each axis. */
export interface DenseDeclaration<
  Element extends DeclaredElement = DeclaredElement,
  S extends Shape = Shape,
  State extends boolean = boolean,
> {
  readonly kind: 'dense';
  /** What its elements are stored as. */
  readonly element: Element;
  /** An extent an axis, in elements. */
  readonly shape: S;
  /** Half-open range of the contents of an index tensor, where declared. */
  readonly range: { readonly low: number; readonly high: number } | null;
  /** Lives across steps; each write is a new version. */
  readonly state: State;
}

/** An i32 tensor whose contents can still be given a range. */
export interface IndexDeclaration<S extends Shape = Shape> extends DenseDeclaration<'i32', S, false> {
  /** Contents in [low, high). */
  in(low: number, high: number): DenseDeclaration<'i32', S, false>;
}

/** A cache of rows addressed by (sequence, position) when read and by slot when written; its elements are `cache`. */
export interface PagedDeclaration<Fields extends Readonly<Record<string, Shape>> = Readonly<Record<string, Shape>>> {
  readonly kind: 'paged';
  /** The shape of a field's row, in elements, by the field's name: `{ k: [HK, D], v: [HK, DV] }`. */
  readonly fields: Fields;
}

/** What an input or an output may be declared as. */
export type TensorDeclaration = DenseDeclaration | PagedDeclaration;
/** Inputs or outputs by name. */
export type Declarations = Readonly<Record<string, TensorDeclaration>>;

/** T tokens that belong to B sequences: two dimensions. */
export interface Ragged<Tokens extends string = string, Sequences extends string = string> {
  /** The dimension that counts tokens. */
  readonly tokens: Tokens;
  /** The dimension that counts sequences. */
  readonly sequences: Sequences;
}

export type DimensionDeclaration = string | Ragged;

/** `f32`: a declaration with a call, the type of an attr without. */
export type FloatForm = <const S extends Shape>(...shape: S) => DenseDeclaration<'f32', S, false>;

/** `i32`, likewise. */
export type IndexForm = <const S extends Shape>(...shape: S) => IndexDeclaration<S>;

/** `f32` or `i32` without a call. */
export type AttrDeclaration = FloatForm | IndexForm;
/** Numbers that are constants of a built operator, by name: each `f32` or `i32`. */
export type Attrs = Readonly<Record<string, AttrDeclaration>>;

/** Activations of this shape: bf16, f16 or f32, as an engine is built. */
export const act = <const S extends Shape>(...shape: S): DenseDeclaration<'act', S, false> => dense('act', shape);

/** Weights of this shape: bf16, f16 or f32, as an engine is built; read-only, and loaded once. */
export const weight = <const S extends Shape>(...shape: S): DenseDeclaration<'weight', S, false> =>
  dense('weight', shape);

/** A tensor of the type that keys and values are kept in: bf16, f16 or f32, as an engine is built. */
export const cache = <const S extends Shape>(...shape: S): DenseDeclaration<'cache', S, false> => dense('cache', shape);

/** 32-bit floating point of this shape, whatever an engine is built with; without a call, the type of an attr. */
export const f32: FloatForm = (...shape) => dense('f32', shape);

/** 32-bit integers of this shape; `.in(low, high)` promises contents in [low, high), so that they can be indices. */
export const i32: IndexForm = (...shape) => ({
  ...dense('i32', shape),
  in: (low, high) => ({ ...dense('i32', shape), range: { low, high } }),
});

/** The tensor, living across steps. An output of the same name as an input is its next version, written by `scatter`. */
export const state = <Element extends DeclaredElement, S extends Shape>(
  tensor: DenseDeclaration<Element, S, boolean>,
): DenseDeclaration<Element, S, true> => ({
  kind: 'dense',
  element: tensor.element,
  shape: tensor.shape,
  range: tensor.range,
  state: true,
});

/** A paged cache (Kwon et al., 2023) with the shape of one row of each field: read `kv.name(sequence, position, …index)`, written by slot. */
export const paged = <const Fields extends Readonly<Record<string, Shape>>>(
  fields: Fields,
): PagedDeclaration<Fields> => ({
  kind: 'paged',
  fields,
});

/** The key and value cache of an attention layer, k [HK, D] and v [HK, DV] a slot: keys of D, values of DV (D unless given) for each of HK heads. */
export const kvCache = (
  HK: number,
  D: number,
  DV: number = D,
): PagedDeclaration<{ readonly k: readonly [number, number]; readonly v: readonly [number, number] }> =>
  paged({ k: [HK, D], v: [HK, DV] });

/** Two dimensions: tokens, and the sequences that they belong to; `seq(t)` and `pos(t)` ask about a token. */
export const ragged = <const Tokens extends string, const Sequences extends string>(
  tokens: Tokens,
  sequences: Sequences,
): Ragged<Tokens, Sequences> => ({ tokens, sequences });

/** Every name a list of dimensions declares, in order; of a ragged pair both. */
export function dimensionNames(dims: readonly DimensionDeclaration[]): readonly string[] {
  return dims.flatMap((dim) => (typeof dim === 'string' ? [dim] : [dim.tokens, dim.sequences]));
}

function dense<const Element extends DeclaredElement, S extends Shape>(
  element: Element,
  shape: S,
): DenseDeclaration<Element, S, false> {
  return { kind: 'dense', element, shape, range: null, state: false };
}
