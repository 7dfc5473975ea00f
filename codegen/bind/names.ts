/** Identifiers of TypeScript for names that need not be any. */
import { ts } from 'ts-morph';

export function pascalCase(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Hands out identifiers that differ from each other and from the language's own words. */
export class TypeScriptNames {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** The name itself where it is an identifier that is free, else one like it. */
  fresh(wish: string): string {
    const spelled = wish.replace(/\W/g, '_');
    const base = TypeScriptNames.isName(spelled) && !isKeyword(spelled) ? spelled : `_${spelled}`;
    let name = base;
    for (let suffix = 2; this.#taken.has(name); suffix++) name = `${base}${suffix}`;
    this.#taken.add(name);
    return name;
  }

  /** Whether the name can stand for a property without quotes. */
  static isName(name: string): boolean {
    return /^[A-Za-z_$][\w$]*$/.test(name);
  }
}

function isKeyword(name: string): boolean {
  return (
    ts.identifierToKeywordKind(ts.factory.createIdentifier(name)) !== undefined ||
    name === 'arguments' ||
    name === 'eval'
  );
}
