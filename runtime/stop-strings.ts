/** Finds stop strings in a text that arrives in pieces, without printing the beginning of one. */
export class StopStrings {
  readonly #stops: readonly string[];
  /** Text not yet let through: it could be the beginning of a stop string. */
  #held = '';

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** The text that may be printed now, and the stop string that ended it, if one did. */
  push(piece: string): { readonly text: string; readonly matched: string | null } {
    const text = this.#held + piece;
    const match = this.#firstMatch(text);
    if (match) {
      this.#held = '';
      return { text: text.slice(0, match.at), matched: match.stop };
    }
    const safe = text.length - this.#heldLength(text);
    this.#held = text.slice(safe);
    return { text: text.slice(0, safe), matched: null };
  }

  /** What was held back: the output ended without a stop string. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  #firstMatch(text: string): { readonly at: number; readonly stop: string } | null {
    const matches = this.#stops.map((stop) => ({ stop, at: text.indexOf(stop) })).filter(({ at }) => at >= 0);
    return matches.reduce<(typeof matches)[number] | null>(
      (best, match) => (best && best.at <= match.at ? best : match),
      null,
    );
  }

  /** The longest end of the text with which a stop string begins. */
  #heldLength(text: string): number {
    const longest = Math.max(0, ...this.#stops.map(({ length }) => length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const end = text.slice(text.length - length);
      if (this.#stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}
