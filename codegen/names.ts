/** Names: camelCase in TypeScript, snake_case in C and CUDA. */

/** `addRmsNorm` -> `add_rms_norm`, `HQ` stays one word. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/** Hands out C identifiers that differ from each other and from words that C++ or the library keeps. */
export class NameTable {
  readonly #taken = new Set<string>(RESERVED);
  readonly #named = new Map<string, string>();

  /** The identifier for `key`: the wished one if it is free, else the first free one with a number behind. */
  of(key: string, wish: string): string {
    const known = this.#named.get(key);
    if (known !== undefined) return known;
    const name = this.fresh(wish);
    this.#named.set(key, name);
    return name;
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  reserve(name: string): void {
    this.#taken.add(name);
  }

  fresh(wish: string): string {
    const base = /^[A-Za-z_]\w*$/.test(wish) ? wish : `v_${wish.replace(/\W/g, '_')}`;
    let name = base;
    for (let suffix = 2; this.#taken.has(name); suffix++) name = `${base}${suffix}`;
    this.#taken.add(name);
    return name;
  }
}

const RESERVED = [
  'auto',
  'bool',
  'break',
  'case',
  'char',
  'class',
  'const',
  'constexpr',
  'continue',
  'default',
  'delete',
  'do',
  'double',
  'else',
  'enum',
  'export',
  'extern',
  'false',
  'float',
  'for',
  'friend',
  'goto',
  'if',
  'inline',
  'int',
  'long',
  'namespace',
  'new',
  'not',
  'operator',
  'or',
  'private',
  'public',
  'register',
  'return',
  'short',
  'signed',
  'sizeof',
  'static',
  'struct',
  'switch',
  'template',
  'this',
  'throw',
  'true',
  'try',
  'typedef',
  'typename',
  'union',
  'unsigned',
  'using',
  'virtual',
  'void',
  'volatile',
  'while',
  'and',
  'xor',
  'batch',
  'worker',
  'bf16',
  'f16',
  'ws',
  'std',
  'main',
];
