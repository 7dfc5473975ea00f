/** Asks metadata for values of a kind, and collects what is wrong with them. */
import type { Problem } from '../errors.ts';
import { ggufProblem, quoted } from './errors.ts';
import type { Metadata, MetadataValue } from './metadata.ts';

/** A value that is wrong is replaced by a harmless one, so that reading goes on and finds the other mistakes. */
export class MetadataReader {
  readonly file: string;
  readonly problems: Problem[] = [];
  readonly #metadata: Metadata;

  constructor(file: string, metadata: Metadata) {
    this.file = file;
    this.#metadata = metadata;
  }

  has(key: string): boolean {
    return this.#metadata.has(key);
  }

  /** A positive integer below 2^31, or a list that has the same for every layer. */
  count(key: string, fallback?: number): number {
    const value = this.#metadata.get(key);
    if (value === undefined && fallback !== undefined) return fallback;
    const [first, ...rest] = value?.kind === 'numbers' ? value.values : [];
    const found = value?.kind === 'number' ? value.value : rest.every((other) => other === first) ? first : undefined;
    if (found !== undefined && Number.isInteger(found) && found > 0 && found < 2 ** 31) return found;
    this.refuse(key, 'one positive integer for all layers');
    return 1;
  }

  /** An id of `tokens` tokens, or null. */
  tokenId(key: string, tokens: number): number | null {
    const value = this.#metadata.get(key);
    if (value === undefined) return null;
    if (value.kind === 'number' && Number.isInteger(value.value) && value.value >= 0 && value.value < tokens)
      return value.value;
    this.refuse(key, `a token id from 0 to ${tokens - 1}`);
    return null;
  }

  /** A finite number from `low` to `high`, or null. Of an f32 the shortest decimal number that rounds to it. */
  numberOrNull(key: string, low = Number.MIN_VALUE, high = Number.MAX_VALUE): number | null {
    const value = this.#metadata.get(key);
    if (value === undefined) return null;
    if (value.kind === 'number' && value.value >= low && value.value <= high) {
      return value.type === 'f32' ? shortest(value.value) : value.value;
    }
    this.refuse(key, low > 0 ? 'a positive number' : `a number from ${low} to ${high}`);
    return null;
  }

  number(key: string, fallback?: number): number {
    const found = this.numberOrNull(key) ?? fallback;
    if (found !== undefined) return found;
    if (!this.has(key)) this.refuse(key, 'a positive number');
    return 1;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#metadata.get(key);
    if (value === undefined) return fallback;
    if (value.kind === 'bool') return value.value;
    this.refuse(key, 'true or false');
    return fallback;
  }

  textOrNull(key: string): string | null {
    const value = this.#metadata.get(key);
    if (value === undefined) return null;
    if (value.kind === 'string') return value.value;
    this.refuse(key, 'a string');
    return null;
  }

  stringsOrNull(key: string): readonly string[] | null {
    const value = this.#metadata.get(key);
    if (value === undefined) return null;
    if (value.kind === 'strings') return value.values;
    this.refuse(key, 'an array of strings');
    return null;
  }

  /** At least `length` numbers. */
  numbersOrNull(key: string, length: number): Float64Array | null {
    const value = this.#metadata.get(key);
    if (value === undefined) return null;
    if (value.kind === 'numbers' && value.type !== 'bool' && value.values.length >= length) return value.values;
    this.refuse(key, `an array of ${length} numbers`);
    return null;
  }

  /** Something of the metadata that is not part of the models here. */
  refuse(key: string, expected: string): void {
    const found = describe(this.#metadata.get(key));
    const mend = 'Convert the model again with a current llama.cpp; if it stays so, use another file of the model.';
    this.problems.push(
      ggufProblem(this.file, `has ${found} for ${key}, where ${expected} belongs`, mend, 'config-invalid'),
    );
  }
}

function describe(value: MetadataValue | undefined): string {
  switch (value?.kind) {
    case undefined:
      return 'nothing';
    case 'number':
      return `the number ${value.value}`;
    case 'bool':
      return String(value.value);
    case 'string':
      return `the string ${quoted(value.value)}`;
    case 'strings':
      return `an array of ${value.values.length} strings`;
    case 'numbers':
      return `an array of ${value.values.length} numbers`;
  }
}

/** The decimal number of the fewest digits that rounds to the same f32: 1e-6 and not 9.999999974752427e-7. */
export function shortest(single: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(single.toPrecision(digits));
    if (Math.fround(candidate) === single) return candidate;
  }
  return single;
}
