/** A checkpoint's tokenizer: text to ids through @huggingface/tokenizers, ids to text through `Detokenizer`. */
import { join } from 'node:path';
import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers';
import { TimeIsOver, withinTime } from './bounded-work.ts';
import { Detokenizer, type PieceSource } from './detokenizer.ts';
import { WarpsmithError } from './errors.ts';
import { isJsonObject, type Json, type JsonObject, readJsonObject } from './json-file.ts';
import { type PieceDecoder, pieceDecoder, type TokenPiece } from './token-pieces.ts';
import { wrongPart } from './tokenizer-parts.ts';
import { makesTextLonger, textNotCut, unknownPatterns } from './tokenizer-patterns.ts';
import { checkTokenizerShape, invalidTokenizer } from './tokenizer-shape.ts';

/** In milliseconds: a million honest characters take 2 to 10 s of the 110. */
const timeLimit = (characters: number) => 10_000 + Math.ceil(characters / 10);

/** Up to here a text is not worth being watched where all patterns are known. */
const SHORT_CHARACTERS = 10_000;

/** Tokens named by role in tokenizer_config.json, as chat templates use them. */
export interface SpecialTokens {
  readonly bos_token?: string;
  readonly eos_token?: string;
  readonly pad_token?: string;
  readonly unk_token?: string;
}

export class Tokenizer implements PieceSource {
  /** One more than the largest id. */
  readonly vocabSize: number;
  readonly specialTokens: SpecialTokens;
  readonly #hub: HubTokenizer;
  readonly #path: string;
  readonly #unknownPatterns: readonly string[];
  readonly #mayGrow: boolean;
  readonly #timeLimitOf: typeof timeLimit;
  readonly #decoder: PieceDecoder;
  readonly #addedIds: ReadonlySet<number>;
  readonly #specialIds: ReadonlySet<number>;
  readonly #pieces = new Map<number, TokenPiece>();

  /**
   * `json` and `config` are the objects of tokenizer.json and tokenizer_config.json; `path` is for messages; `timeLimitOf` gives the
   * milliseconds that a text of so many characters may take.
   */
  constructor(json: JsonObject, config: JsonObject, path: string, timeLimitOf = timeLimit) {
    this.#path = path;
    this.#timeLimitOf = timeLimitOf;
    try {
      const wrong = wrongPart(json);
      if (wrong !== null) throw invalidTokenizer(path, `has ${wrong}`);
      this.#unknownPatterns = unknownPatterns(json);
      this.#mayGrow = makesTextLonger(json);
      this.#hub = new HubTokenizer(json, config);
    } catch (error) {
      throw error instanceof WarpsmithError ? error : unusable(path, error);
    }
    // Parts that are there and not whole fail at the first text.
    const first = this.encode('a');
    this.#decoder = pieceDecoder(json.decoder, path);
    const added = [...this.#hub.get_added_tokens_decoder().values()];
    const declaredSpecial = new Set(strings(config.additional_special_tokens));
    this.#addedIds = new Set(added.map(({ id }) => id));
    this.#specialIds = new Set(
      added.filter((token) => token.special || declaredSpecial.has(token.content)).map(({ id }) => id),
    );
    this.vocabSize = largest(this.#hub.get_vocab().values()) + 1;
    const stranger = first.findIndex((id) => !(id >= 0 && id < this.vocabSize));
    if (stranger >= 0)
      throw invalidTokenizer(path, `makes a text begin or end with a token that it does not have (${first[stranger]})`);
    this.specialTokens = specialTokens(config);
  }

  get dropsLeadingSpace(): boolean {
    return this.#decoder.dropsLeadingSpace;
  }

  /**
   * Special tokens spelled out in the text become their ids. `addSpecial` adds those of the tokenizer's post-processor. Throws
   * `tokenizer-invalid` for a text that takes too long, and an AbortError where Ctrl-C comes meanwhile.
   */
  encode(text: string, addSpecial = true): number[] {
    if (text === '' && !addSpecial) return [];
    const cut = () => this.#hub.encode(text, { add_special_tokens: addSpecial }).ids;
    const milliseconds = this.#timeLimitOf(text.length);
    const isWatched = this.#mayGrow || this.#unknownPatterns.length > 0 || text.length > SHORT_CHARACTERS;
    try {
      return isWatched ? withinTime(milliseconds, cut) : cut();
    } catch (error) {
      if (error instanceof DOMException) throw error;
      if (!(error instanceof TimeIsOver)) throw unusable(this.#path, error);
      throw textNotCut(this.#path, text.length, milliseconds / 1000, this.#unknownPatterns);
    }
  }

  /** Bytes that are no UTF-8 become U+FFFD; ids without a token print nothing. Spaces are left as the tokens have them. */
  decode(ids: Iterable<number>, skipSpecial = true): string {
    const detokenizer = new Detokenizer(this, skipSpecial);
    let text = '';
    for (const id of ids) text += detokenizer.push(id);
    return text + detokenizer.end();
  }

  /** The id of a token by its spelling in the vocabulary. */
  idOf(token: string): number | null {
    return this.#hub.token_to_id(token) ?? null;
  }

  isSpecial(id: number): boolean {
    return this.#specialIds.has(id);
  }

  piece(id: number): TokenPiece | null {
    const known = this.#pieces.get(id);
    if (known) return known;
    const token = this.#hub.id_to_token(id);
    if (token === undefined) return null;
    const piece: TokenPiece = this.#addedIds.has(id) ? { kind: 'text', text: token } : this.#decoder.pieceOf(token);
    this.#pieces.set(id, piece);
    return piece;
  }
}

/** Throws `file-missing`, `json-invalid` and `tokenizer-invalid`. */
export async function loadTokenizer(directory: string): Promise<Tokenizer> {
  const path = join(directory, 'tokenizer.json');
  const json = await readJsonObject(path);
  if (json === null) {
    throw new WarpsmithError({
      code: 'file-missing',
      message: `${directory} has no tokenizer.json.`,
      mend: 'Fetch tokenizer.json from where the checkpoint came from.',
    });
  }
  const config = (await readJsonObject(join(directory, 'tokenizer_config.json'))) ?? {};
  checkTokenizerShape(json, path);
  return new Tokenizer(json, config, path);
}

function unusable(path: string, error: unknown): WarpsmithError {
  return invalidTokenizer(path, `cannot be used: ${error instanceof Error ? error.message : String(error)}`, error);
}

function specialTokens(config: JsonObject): SpecialTokens {
  const roles = ['bos_token', 'eos_token', 'pad_token', 'unk_token'] as const;
  const found = roles.flatMap((role) => {
    const token = config[role];
    const content = isJsonObject(token) ? token.content : token;
    return typeof content === 'string' ? [[role, content] as const] : [];
  });
  return Object.fromEntries(found);
}

function strings(value: Json | undefined): string[] {
  if (!Array.isArray(value)) return [];
  return value.map((item) => (isJsonObject(item) ? item.content : item)).filter((item) => typeof item === 'string');
}

function largest(ids: Iterable<number>): number {
  let most = -1;
  for (const id of ids) most = Math.max(most, id);
  return most;
}
