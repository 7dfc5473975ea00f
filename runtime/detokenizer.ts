/** Token ids to text, one at a time: a character is printed once all of its bytes are there, and never halved. */
import type { TokenPiece } from './token-pieces.ts';

/** What the detokenizer asks of a tokenizer. */
export interface PieceSource {
  /** Null for an id that has no token, which prints nothing. */
  piece(id: number): TokenPiece | null;
  isSpecial(id: number): boolean;
  readonly dropsLeadingSpace: boolean;
}

/**
 * Invariant: push(a) + push(b) + … + end() equals the decoding of all ids at once; bytes that are no UTF-8 become U+FFFD.
 * Special tokens are skipped as if they were not there, or printed as they are spelled.
 */
export class Detokenizer {
  readonly #source: PieceSource;
  readonly #skipSpecial: boolean;
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  #atStart = true;

  constructor(source: PieceSource, skipSpecial = true) {
    this.#source = source;
    this.#skipSpecial = skipSpecial;
  }

  /** The text that this token completes, possibly none. */
  push(id: number): string {
    if (this.#skipSpecial && this.#source.isSpecial(id)) return '';
    const piece = this.#source.piece(id);
    if (piece === null) return '';
    if (piece.kind === 'bytes') return this.#trimmed(this.#utf8.decode(piece.bytes, { stream: true }));
    return this.#trimmed(this.#utf8.decode() + piece.text);
  }

  /** The rest: U+FFFD where the last character is incomplete. The detokenizer is then as new. */
  end(): string {
    const rest = this.#trimmed(this.#utf8.decode());
    this.#atStart = true;
    return rest;
  }

  #trimmed(text: string): string {
    if (!this.#atStart || text === '') return text;
    this.#atStart = false;
    return this.#source.dropsLeadingSpace && text.startsWith(' ') ? text.slice(1) : text;
  }
}
