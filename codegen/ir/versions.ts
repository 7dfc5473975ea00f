/** Which version of each value is in memory at a point of a program: a state's versions share one place. */
import { baseOf, type Program } from './program.ts';

/** Follows reads and writes in order; names what reads memory that holds something else, or nothing yet. */
export class Versions {
  readonly #program: Program;
  /** By base value, the key whose contents its memory holds; a value that nobody wrote is missing. */
  readonly #current = new Map<string, string>();
  /** Keys that some definition makes, as opposed to sources and views. */
  readonly #made: ReadonlySet<string>;
  readonly #written = new Set<string>();

  constructor(program: Program) {
    this.#program = program;
    this.#made = new Set(program.definitions.map((bound) => bound.definition.output));
    for (const value of program.values.values())
      if (value.role.kind !== 'intermediate') this.#current.set(value.key, value.key);
  }

  /** The rule that a read of `key` breaks here; null if none. */
  read(key: string): string | null {
    const base = baseOf(this.#program, key);
    const holds = this.#current.get(base);
    if (holds === undefined) return `${key} is read before it is written`;
    // A view is whatever its base holds.
    if (key !== base && !this.#made.has(key)) return null;
    return holds === key ? null : `${key} is read where its memory holds ${holds}, another version`;
  }

  /** The rule that a write of `key` breaks here; null if none. */
  write(key: string): string | null {
    const known = this.#written.has(key);
    this.#written.add(key);
    this.#current.set(baseOf(this.#program, key), key);
    return known ? `${key} is written twice` : null;
  }

  wasWritten(key: string): boolean {
    return this.#written.has(key);
  }
}
