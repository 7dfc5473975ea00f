/** Declarations of an operator's head: dimensions, tensors and attributes. Tuples keep the number of axes for the type checker. */

export type Shape = readonly number[];

/** act, weight and cache are bound to a storage type when an engine is built; f32 and i32 stand as they are. */
export type DeclaredElement = 'act' | 'weight' | 'cache' | 'f32' | 'i32';

export interface DenseDeclaration<
  Element extends DeclaredElement = DeclaredElement,
  S extends Shape = Shape,
  State extends boolean = boolean,
> {
  readonly kind: 'dense';
  readonly element: Element;
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
  readonly fields: Fields;
}

export type TensorDeclaration = DenseDeclaration | PagedDeclaration;
export type Declarations = Readonly<Record<string, TensorDeclaration>>;

/** T tokens that belong to B sequences: two dimensions. */
export interface Ragged<Tokens extends string = string, Sequences extends string = string> {
  readonly tokens: Tokens;
  readonly sequences: Sequences;
}

export type DimensionDeclaration = string | Ragged;

/** `f32` or `i32` without a call. */
export type AttrDeclaration = typeof f32 | typeof i32;
export type Attrs = Readonly<Record<string, AttrDeclaration>>;

export const act = <const S extends Shape>(...shape: S): DenseDeclaration<'act', S, false> => dense('act', shape);

export const weight = <const S extends Shape>(...shape: S): DenseDeclaration<'weight', S, false> =>
  dense('weight', shape);

export const cache = <const S extends Shape>(...shape: S): DenseDeclaration<'cache', S, false> => dense('cache', shape);

export const f32 = <const S extends Shape>(...shape: S): DenseDeclaration<'f32', S, false> => dense('f32', shape);

export const i32 = <const S extends Shape>(...shape: S): IndexDeclaration<S> => ({
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

/** A paged cache with the shape of one row of each field. */
export const paged = <const Fields extends Readonly<Record<string, Shape>>>(
  fields: Fields,
): PagedDeclaration<Fields> => ({
  kind: 'paged',
  fields,
});

/** The key and value cache of an attention layer: keys of D, values of DV (D unless given) for each of HK heads. */
export const kvCache = (
  HK: number,
  D: number,
  DV: number = D,
): PagedDeclaration<{ readonly k: readonly [number, number]; readonly v: readonly [number, number] }> =>
  paged({ k: [HK, D], v: [HK, DV] });

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
