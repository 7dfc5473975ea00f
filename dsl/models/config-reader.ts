/** Reads keys of an untrusted JSON object and collects what is wrong with them. */

export interface ConfigError {
  readonly code: 'config';
  /** The key's path, such as `rope_parameters.factor`. */
  readonly key: string;
  /** What stands there, as JSON; `nothing` for a missing key. */
  readonly found: string;
  /** What may stand there, in words. */
  readonly expected: string;
  /** What is wrong: the key, what stands there and what may. */
  readonly message: string;
  /** What to write instead, as a sentence. */
  readonly mend: string;
}

/** A value that is wrong is replaced by a harmless one, so that reading goes on and finds the other mistakes. */
export class ConfigReader {
  readonly errors: ConfigError[];
  readonly #path: string;
  readonly #entries: ReadonlyMap<string, unknown>;

  constructor(json: unknown, path: string, errors: ConfigError[] = []) {
    this.errors = errors;
    this.#path = path;
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    this.#entries = new Map(isObject ? Object.entries(json) : []);
    if (!isObject) this.refuse('', json, 'an object');
  }

  /** Whether the key is there and not null. */
  has(key: string): boolean {
    return this.raw(key) !== undefined && this.raw(key) !== null;
  }

  raw(key: string): unknown {
    return this.#entries.get(key);
  }

  /** A positive integer up to `most`. */
  count(key: string, most: number, fallback?: number): number {
    const value = this.has(key) ? this.raw(key) : fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= most) return value;
    const isTooLarge = typeof value === 'number' && value > most;
    this.refuse(key, value, isTooLarge ? `at most ${most}` : 'a positive integer');
    return 1;
  }

  /** A finite, positive number. */
  number(key: string, fallback?: number): number {
    const value = this.has(key) ? this.raw(key) : fallback;
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
    this.refuse(key, value, 'a positive number');
    return 1;
  }

  /** A list of finite, positive numbers. */
  numbers(key: string): readonly number[] {
    const value = this.raw(key);
    const isFactor = (item: unknown) => typeof item === 'number' && Number.isFinite(item) && item > 0;
    if (Array.isArray(value) && value.every(isFactor)) return value;
    this.refuse(key, value, 'a list of positive numbers');
    return [];
  }

  numberOrNull(key: string): number | null {
    return this.has(key) ? this.number(key) : null;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.has(key) ? this.raw(key) : fallback;
    if (typeof value === 'boolean') return value;
    this.refuse(key, value, 'true or false');
    return fallback;
  }

  oneOf<const Choice extends string>(key: string, choices: readonly Choice[], fallback: Choice): Choice {
    const value = this.has(key) ? this.raw(key) : fallback;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) this.refuse(key, value, `one of ${choices.map((choice) => `"${choice}"`).join(', ')}`);
    return found ?? fallback;
  }

  /** A reader of the object under the key, sharing this one's errors; null where there is none. */
  nested(key: string): ConfigReader | null {
    return this.has(key) ? new ConfigReader(this.raw(key), this.#pathOf(key), this.errors) : null;
  }

  refuse(key: string, value: unknown, expected: string, mend?: string): void {
    const path = this.#pathOf(key) || 'the config';
    const found = shown(value).slice(0, 60);
    this.errors.push({
      code: 'config',
      key: path,
      found,
      expected,
      message: `${path} is ${found}, expected ${expected}`,
      mend: mend ?? `Set ${path} in config.json to ${expected}.`,
    });
  }

  #pathOf(key: string): string {
    return [this.#path, key].filter((part) => part !== '').join('.');
  }
}

/** As JSON, cut where it is long or deep: JSON.stringify runs out of stack where JSON.parse does not. */
function shown(value: unknown, depth = 3): string {
  if (value === undefined) return 'nothing';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  if (depth === 0) return isList ? '[…]' : '{…}';
  const items = Object.entries(value)
    .slice(0, 20)
    .map(([key, item]) => `${isList ? '' : `${JSON.stringify(key)}:`}${shown(item, depth - 1)}`);
  return isList ? `[${items.join(',')}]` : `{${items.join(',')}}`;
}
