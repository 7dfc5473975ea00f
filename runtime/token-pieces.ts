/**
 * What each token id adds to a text: bytes (which may be part of a character) or whole text. The two families of decoders
 * that language models use are covered: byte-level BPE (GPT-2, Qwen, Llama 3) and SentencePiece with byte fallback (Llama 2).
 */
import { WarpsmithError } from './errors.ts';
import { isJsonObject, type Json, type JsonObject } from './json-file.ts';

/** Text stands on its own: bytes before it that are no whole character are replaced, not completed by it. */
export type TokenPiece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'text'; readonly text: string };

export interface PieceDecoder {
  /** The piece of an ordinary token, by its spelling in the vocabulary. */
  readonly pieceOf: (token: string) => TokenPiece;
  /** Whether one space at the start of the whole text is dropped (SentencePiece puts it there). */
  readonly dropsLeadingSpace: boolean;
}

/** Chooses by the `decoder` of tokenizer.json; throws `tokenizer-invalid` for a family that is not known. */
export function pieceDecoder(decoder: Json | undefined, path: string): PieceDecoder {
  const parts = decoderParts(decoder);
  const types = parts.map(({ type }) => type);
  const text = (token: string): TokenPiece => ({ kind: 'text', text: token });
  if (types.length === 1 && types[0] === 'ByteLevel') return { pieceOf: byteLevelPiece, dropsLeadingSpace: false };
  if (types.length === 1 && types[0] === 'Metaspace') {
    return { pieceOf: (token) => text(token.replaceAll(metaspace, ' ')), dropsLeadingSpace: true };
  }
  if (types.includes('ByteFallback') && parts.every(isSentencePiecePart)) {
    const dropsLeadingSpace = types.includes('Strip');
    return { pieceOf: (token) => fallbackByte(token) ?? text(token.replaceAll(metaspace, ' ')), dropsLeadingSpace };
  }
  throw new WarpsmithError({
    code: 'tokenizer-invalid',
    message: `${path} has a decoder of the form ${types.join(', ') || 'none'}, which is not known.`,
    mend: 'Use a checkpoint whose tokenizer decodes by ByteLevel, Metaspace, or ByteFallback as SentencePiece does.',
  });
}

const metaspace = '\u2581';

function decoderParts(decoder: Json | undefined): readonly JsonObject[] {
  if (!isJsonObject(decoder)) return [];
  if (decoder.type !== 'Sequence') return [decoder];
  return Array.isArray(decoder.decoders) ? decoder.decoders.filter(isJsonObject) : [];
}

/** Replace(metaspace by a space), ByteFallback, Fuse, Strip(one space at the start). */
function isSentencePiecePart(part: JsonObject): boolean {
  switch (part.type) {
    case 'ByteFallback':
    case 'Fuse':
      return true;
    case 'Replace':
      return isJsonObject(part.pattern) && part.pattern.String === metaspace && part.content === ' ';
    case 'Strip':
      return part.content === ' ' && part.start === 1 && part.stop === 0;
    default:
      return false;
  }
}

function byteLevelPiece(token: string): TokenPiece {
  const bytes = new Uint8Array(token.length);
  let length = 0;
  for (const character of token) bytes[length++] = byteOfCharacter.get(character) ?? 0;
  return { kind: 'bytes', bytes: bytes.subarray(0, length) };
}

/** `<0x0A>`: one byte. */
function fallbackByte(token: string): TokenPiece | null {
  const hex = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
  return hex === undefined ? null : { kind: 'bytes', bytes: Uint8Array.of(Number.parseInt(hex, 16)) };
}

/**
 * GPT-2's spelling of bytes: printable Latin-1 characters stand for themselves, the others, in order, for U+0100 on.
 * Source: bytes_to_unicode of openai/gpt-2, encoder.py.
 */
const byteOfCharacter: ReadonlyMap<string, number> = new Map(
  (() => {
    const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    let others = 0;
    return Array.from({ length: 256 }, (_, byte): [string, number] => {
      return [String.fromCharCode(isPrintable(byte) ? byte : 256 + others++), byte];
    });
  })(),
);
