/**
 * Integer polynomials over atoms: dimensions, indices, and whatever else an index is made of. A polynomial is its terms, from a
 * product of atoms to a coefficient; the empty product is the constant term.
 */

/** Atoms in ascending order, joined by `*`; '' is the constant term. */
type Product = string;

export type Polynomial = ReadonlyMap<Product, number>;

const zero: Polynomial = new Map();

export function constant(value: number): Polynomial {
  return value === 0 ? zero : new Map([['', value]]);
}

export function atom(name: string): Polynomial {
  return new Map([[name, 1]]);
}

export function add(a: Polynomial, b: Polynomial, factor = 1): Polynomial {
  const sum = new Map(a);
  for (const [product, coefficient] of b) {
    const total = (sum.get(product) ?? 0) + factor * coefficient;
    if (total === 0) sum.delete(product);
    else sum.set(product, total);
  }
  return sum;
}

export const subtract = (a: Polynomial, b: Polynomial): Polynomial => add(a, b, -1);

export function multiply(a: Polynomial, b: Polynomial): Polynomial {
  let result = zero;
  for (const [left, x] of a) {
    const row = new Map([...b].map(([right, y]) => [joinProducts(left, right), x * y] as const));
    result = add(result, row);
  }
  return result;
}

/** a / b where b is one term that divides every term of a; null otherwise. */
export function divideExactly(a: Polynomial, b: Polynomial): Polynomial | null {
  const [term, ...more] = b;
  if (term === undefined || more.length > 0) return null;
  const [divisor, coefficient] = term;
  const quotient = new Map<Product, number>();
  for (const [product, value] of a) {
    const rest = withoutFactors(product, divisor);
    if (rest === null || value % coefficient !== 0) return null;
    quotient.set(rest, value / coefficient);
  }
  return quotient;
}

/** The terms of a that b divides, and the others. */
export function splitByDivisor(a: Polynomial, b: Polynomial): readonly [Polynomial, Polynomial] {
  const divides = ([product, value]: readonly [Product, number]): boolean =>
    divideExactly(new Map([[product, value]]), b) !== null;
  return [new Map([...a].filter(divides)), new Map([...a].filter((term) => !divides(term)))];
}

/** p as a * name + b, where name is in neither; null where its degree is above one. */
export function solveFor(p: Polynomial, name: string): { readonly a: Polynomial; readonly b: Polynomial } | null {
  const a = new Map<Product, number>();
  const b = new Map<Product, number>();
  for (const [product, coefficient] of p) {
    const atoms = atomsOfProduct(product);
    const degree = atoms.filter((candidate) => candidate === name).length;
    if (degree > 1) return null;
    if (degree === 0) b.set(product, coefficient);
    else a.set(atoms.filter((candidate) => candidate !== name).join('*'), coefficient);
  }
  return { a, b };
}

export function atomsOf(p: Polynomial): ReadonlySet<string> {
  return new Set([...p.keys()].flatMap(atomsOfProduct));
}

export function atomsOfProduct(product: Product): readonly string[] {
  return product === '' ? [] : product.split('*');
}

/** The value of a polynomial without atoms; null otherwise. */
export function constantOf(p: Polynomial): number | null {
  if (p.size === 0) return 0;
  return p.size === 1 ? (p.get('') ?? null) : null;
}

/** For integers p >= 0 is the same as this: divided by the common factor of all terms but the constant, which rounds down. */
export function tighten(p: Polynomial): Polynomial {
  const common = [...p].reduce(
    (divisor, [product, value]) => (product === '' ? divisor : gcd(divisor, Math.abs(value))),
    0,
  );
  if (common <= 1) return p;
  return new Map(
    [...p].map(([product, value]) => [product, Math.floor(value / common)] as const).filter(([, value]) => value !== 0),
  );
}

export function keyOf(p: Polynomial): string {
  return [...p]
    .map(([product, coefficient]) => `${coefficient}:${product}`)
    .sort()
    .join(' ');
}

function joinProducts(a: Product, b: Product): Product {
  return [...atomsOfProduct(a), ...atomsOfProduct(b)].sort().join('*');
}

function withoutFactors(product: Product, divisor: Product): Product | null {
  const atoms = [...atomsOfProduct(product)];
  for (const factor of atomsOfProduct(divisor)) {
    const place = atoms.indexOf(factor);
    if (place < 0) return null;
    atoms.splice(place, 1);
  }
  return atoms.join('*');
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
