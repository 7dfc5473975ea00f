/** What an expression of a random program may name where it stands. Text is TypeScript, as the author of the program writes it. */
import type { Choices } from './choices.ts';

export type Sizes = Readonly<Record<string, number>>;

/** An extent as written, and how large it is. */
export interface Extent {
  readonly text: string;
  /** Of a count or of a sequence's tokens, the most that is drawn. */
  readonly size: (sizes: Sizes) => number;
  /** How it is made of dimensions, where an index of one of those is one of it. */
  readonly form:
    | { readonly kind: 'dimension' | 'count' | 'literal' | 'sequence' | 'prefix' }
    | { readonly kind: 'twice'; readonly of: Extent }
    | { readonly kind: 'sum' | 'product'; readonly left: Extent; readonly right: Extent };
}

export interface Variable {
  readonly name: string;
  readonly extent: Extent;
}

/** A tensor, or a function that the author defines over the same kinds of indices. */
export interface Callable {
  readonly name: string;
  readonly shape: readonly Extent[];
  /** Of indices, what their contents lie below; null for numbers. */
  readonly contents: Extent | null;
  readonly isIndex: boolean;
}

/** A paged cache, whose fields are read at a sequence and a position. */
export interface Cache {
  readonly name: string;
  readonly fields: Readonly<Record<string, readonly Extent[]>>;
}

/** A function of numbers at the top of the file. */
export interface Helper {
  readonly name: string;
  readonly parameters: number;
}

export interface Scope {
  readonly choices: Choices;
  readonly dimensions: readonly Extent[];
  readonly variables: readonly Variable[];
  readonly callables: readonly Callable[];
  readonly caches: readonly Cache[];
  readonly helpers: readonly Helper[];
  /** Names of numbers: consts, parameters, attributes. */
  readonly scalars: readonly string[];
  /** Names of whole numbers of any size. */
  readonly integers: readonly string[];
  /** The index of a token, where the batch is ragged and one is known. */
  readonly token: string | null;
  /** The first index of an output, whose rows are computed side by side. */
  readonly row: Variable | null;
  /** Levels of operations that may still be nested. */
  readonly fuel: number;
  /** Likewise of reductions. */
  readonly reductions: number;
  /** The extents of the loops around, and where those of further ones are told. */
  readonly loops: readonly Extent[];
  readonly record: (loops: readonly Extent[]) => void;
  readonly fresh: (stem: string) => string;
}

export const deeper = (scope: Scope): Scope => ({ ...scope, fuel: scope.fuel - 1 });

/** The scope inside of a loop over `extent`, which is recorded as work. */
export function within(scope: Scope, variable: Variable): Scope {
  const loops = [...scope.loops, variable.extent];
  scope.record(loops);
  return { ...scope, variables: [...scope.variables, variable], loops };
}

export const dimension = (name: string): Extent => ({
  text: name,
  size: (sizes) => sizes[name] ?? 1,
  form: { kind: 'dimension' },
});
export const count = (name: string): Extent => ({ ...dimension(name), form: { kind: 'count' } });
export const literal = (value: number): Extent => ({
  text: String(value),
  size: () => value,
  form: { kind: 'literal' },
});
export const twice = (of: Extent): Extent => ({
  text: `2 * ${of.text}`,
  size: (sizes) => 2 * of.size(sizes),
  form: { kind: 'twice', of },
});
export const sumOf = (left: Extent, right: Extent): Extent => ({
  text: `${left.text} + ${right.text}`,
  size: (sizes) => left.size(sizes) + right.size(sizes),
  form: { kind: 'sum', left, right },
});
export const productOf = (left: Extent, right: Extent): Extent => ({
  text: `${left.text} * ${right.text}`,
  size: (sizes) => left.size(sizes) * right.size(sizes),
  form: { kind: 'product', left, right },
});

/** A list of index variables' names by axis, as authors name them. */
const letters: Readonly<Record<string, string>> = { T: 't', R: 'r', H: 'h', D: 'd', N: 'n', K: 'k', B: 's' };

export function letterOf(extent: Extent): string {
  return letters[extent.text] ?? 'i';
}

/** Positions of a sequence, those in the cache included. */
export const positions = (text: string): Extent => ({ text, size: () => 16, form: { kind: 'sequence' } });
