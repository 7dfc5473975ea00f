/**
 * What the polynomials of one operator are made of. An atom stands for an expression of unknown value; what is known of it
 * wherever it occurs is kept here as polynomials that are not negative.
 */
import {
  add,
  atom,
  atomsOfProduct,
  constant,
  divideExactly,
  keyOf,
  multiply,
  type Polynomial,
  subtract,
} from './polynomial.ts';

export interface Atom {
  readonly id: string;
  /** As an author would write it. */
  readonly text: string;
  /** Dimensions, and quotients of dimensions: at least 1. */
  readonly isGround: boolean;
  /** What may hold any number, in the author's words: an index tensor without a declared range, an attr. */
  readonly unbounded: { readonly kind: 'tensor' | 'attr'; readonly name: string } | null;
  /** For floor(numerator / divisor) with a positive divisor. */
  readonly floor: { readonly numerator: Polynomial; readonly divisor: Polynomial } | null;
}

export class Atoms {
  readonly #byKey = new Map<string, Atom>();
  readonly #byId = new Map<string, Atom>();
  readonly #facts = new Map<string, Polynomial[]>();
  /** Dimensions written as a product: HQ as HK * (HQ / HK), once it is known to be divisible. */
  readonly #products = new Map<string, { readonly factor: Polynomial; readonly quotient: Atom }>();

  /** The atom of a key, made when first asked for; `describe` then adds what is known of it. */
  get(
    key: string,
    text: string,
    traits: Partial<Pick<Atom, 'isGround' | 'unbounded' | 'floor'>> = {},
    describe: (atom: Atom) => void = () => {},
  ): Atom {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const made: Atom = { id: `a${this.#byKey.size}`, text, isGround: false, unbounded: null, floor: null, ...traits };
    this.#byKey.set(key, made);
    this.#byId.set(made.id, made);
    describe(made);
    return made;
  }

  byId(id: string): Atom {
    const found = this.#byId.get(id);
    if (found === undefined) throw new Error(`no atom ${id}`);
    return found;
  }

  /** `fact` is never negative; it is found under `atom` and under no other. */
  learn(about: Atom, fact: Polynomial): void {
    this.#facts.set(about.id, [...(this.#facts.get(about.id) ?? []), fact]);
  }

  factsAbout(id: string): readonly Polynomial[] {
    return this.#facts.get(id) ?? [];
  }

  dimension(name: string): Polynomial {
    const product = this.#products.get(name);
    if (product !== undefined) return multiply(product.factor, atom(product.quotient.id));
    return atom(this.get(`dim ${name}`, name, { isGround: true }).id);
  }

  /** The dimension is a multiple of the divisor. Known before any polynomial with the dimension is made. */
  learnDivisible(name: string, divisor: Polynomial, divisorText: string): void {
    if (this.#products.has(name)) return;
    const quotient = this.get(`quotient ${name} ${keyOf(divisor)}`, `(${name} / ${divisorText})`, { isGround: true });
    this.#products.set(name, { factor: divisor, quotient });
  }

  /** The text an author would write for a polynomial: `2 * H - 1`. */
  print(p: Polynomial): string {
    const terms = [...this.#foldProducts(p)].sort(
      ([a, x], [b, y]) => Number(a === '') - Number(b === '') || Math.sign(y) - Math.sign(x),
    );
    if (terms.length === 0) return '0';
    return terms
      .map(([product, coefficient], place) => {
        const factors = atomsOfProduct(product).map((id) => (id.startsWith('dim ') ? id.slice(4) : this.byId(id).text));
        const size = Math.abs(coefficient);
        const text = [...(size !== 1 || factors.length === 0 ? [String(size)] : []), ...factors].join(' * ');
        if (place === 0) return coefficient < 0 ? `-${text}` : text;
        return coefficient < 0 ? `- ${text}` : `+ ${text}`;
      })
      .join(' ');
  }

  /** Products that are a dimension get its name back: HK * (HQ / HK) is HQ. */
  #foldProducts(p: Polynomial): Polynomial {
    let folded = p;
    for (const [name, { factor, quotient }] of this.#products) {
      const whole = multiply(factor, atom(quotient.id));
      for (const [product, coefficient] of folded) {
        const term = new Map([[product, coefficient]]);
        const rest = divideExactly(term, whole);
        if (rest !== null && product !== '') folded = add(subtract(folded, term), multiply(rest, atom(`dim ${name}`)));
      }
    }
    return folded;
  }
}

/** value >= low and value <= high - 1, as facts. */
export function between(value: Polynomial, low: Polynomial, high: Polynomial): readonly Polynomial[] {
  return [subtract(value, low), subtract(subtract(high, constant(1)), value)];
}
