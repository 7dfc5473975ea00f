/** The tokens of a GGUF file: spellings, kinds, scores, and those that have a role. */
import { throwProblems } from '../errors.ts';
import { ggufError, limited, quoted } from './errors.ts';
import type { MetadataReader } from './metadata-reader.ts';

/** Numbers of `tokenizer.ggml.token_type`. */
const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface Vocabulary {
  readonly file: string;
  /** By id, no two alike. */
  readonly tokens: readonly string[];
  /** Ids of tokens that merges may make. */
  readonly isNormal: (id: number) => boolean;
  /** Ids of tokens that stand for themselves wherever they are spelled in a text. */
  readonly added: readonly { readonly id: number; readonly isSpecial: boolean }[];
  readonly roles: { readonly [role in 'bos' | 'eos' | 'unknown' | 'padding']: number | null };
  /** Drawing one of these ends a text. */
  readonly endOfText: readonly number[];
}

/**
 * Spellings that end a turn or a text in every model that has them. Converters often name one of several, so that llama.cpp goes
 * by these too.
 */
const endSpellings: ReadonlySet<string> = new Set([
  '<|eot_id|>',
  '<|eom_id|>',
  '<|im_end|>',
  '<|end|>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<end_of_turn>',
  '<EOT>',
]);

/** Roles without metadata have `defaults`. Throws `tokenizer-invalid` and `config-invalid`. */
export function readVocabulary(reader: MetadataReader, defaults: Partial<Vocabulary['roles']>): Vocabulary {
  const { file } = reader;
  const given = reader.stringsOrNull('tokenizer.ggml.tokens');
  if (given === null || given.length === 0) throw invalid(file, 'has no tokenizer.ggml.tokens');
  const tokens = given.map((token, id) => (token === '' ? `[EMPTY_${id}]` : token));
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    const other = ids.get(token);
    if (other !== undefined) throw invalid(file, `has the token ${quoted(token)} twice, as ${other} and ${id}`);
    ids.set(token, id);
  }
  const types = reader.numbersOrNull('tokenizer.ggml.token_type', tokens.length);
  const typeOf = (id: number) => types?.[id] ?? tokenTypes.normal;
  const roleOf = (name: string, fallback: number | null | undefined) => {
    const standing = fallback !== undefined && fallback !== null && fallback < tokens.length ? fallback : null;
    return reader.tokenId(`tokenizer.ggml.${name}_token_id`, tokens.length) ?? standing;
  };
  const roles = {
    bos: roleOf('bos', defaults.bos),
    eos: roleOf('eos', defaults.eos),
    unknown: roleOf('unknown', defaults.unknown),
    padding: roleOf('padding', defaults.padding),
  };
  const isWhole = (id: number) =>
    [tokenTypes.control, tokenTypes.userDefined, tokenTypes.unknown].includes(typeOf(id) as 2);
  const spelled = [...endSpellings].flatMap((token) => {
    const id = ids.get(token);
    return id !== undefined && isWhole(id) ? [id] : [];
  });
  const named = [roles.eos, roleOf('eot', null), roleOf('eom', null)].filter((id) => id !== null);
  throwProblems(limited(reader.problems));
  const endOfText = [...new Set([...named, ...spelled])];
  const special = new Set([...endOfText, roles.bos, roles.eos]);
  const added = tokens.flatMap((_, id) => {
    if (!isWhole(id) && !special.has(id)) return [];
    return [{ id, isSpecial: typeOf(id) !== tokenTypes.userDefined || special.has(id) }];
  });
  return { file, tokens, isNormal: (id) => typeOf(id) === tokenTypes.normal, added, roles, endOfText };
}

export function invalid(file: string, what: string, mend = 'Convert the model again with a current llama.cpp.') {
  return ggufError(file, what, mend, 'tokenizer-invalid');
}
