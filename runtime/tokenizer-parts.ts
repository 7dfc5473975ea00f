/** The normalizers and pre-tokenizers of a tokenizer.json, whose mistakes @huggingface/tokenizers passes over and loses text by. */
import { describe, isJsonObject, type Json, type JsonObject } from './json-file.ts';

/** All objects of a part of tokenizer.json, itself among them. */
export function partsIn(part: Json | undefined): readonly JsonObject[] {
  if (Array.isArray(part)) return part.flatMap(partsIn);
  return isJsonObject(part) ? [part, ...Object.values(part).flatMap(partsIn)] : [];
}

/** What is wrong with them, to stand behind "has"; null for nothing. */
export function wrongPart({ normalizer, pre_tokenizer: preTokenizer }: JsonObject): string | null {
  const parts = [...partsIn(normalizer), ...partsIn(preTokenizer)];
  for (const part of parts) {
    const wrong = wrongSetting(part);
    if (wrong !== null) return wrong;
  }
  // Each spells what the one before spelt: every byte outside ASCII becomes two of them.
  return parts.filter(({ type }) => type === 'ByteLevel').length > 1
    ? 'more than one part of the type ByteLevel'
    : null;
}

function wrongSetting({
  type,
  pattern,
  length,
  replacement,
  str_rep: spelling = replacement,
}: JsonObject): string | null {
  switch (type) {
    case 'Split':
    case 'Replace':
      return isPattern(pattern)
        ? null
        : `${describe(pattern)} for the pattern of a ${type}, where {"String": …} or {"Regex": …} belongs`;
    case 'FixedLength':
      return typeof length === 'number' && Number.isInteger(length) && length > 0
        ? null
        : `${describe(length)} for the length of a FixedLength, where a whole number from 1 belongs`;
    case 'Metaspace':
      return spelling === undefined || (typeof spelling === 'string' && [...spelling].length === 1)
        ? null
        : `${describe(spelling)} for the replacement of a Metaspace, where one character belongs`;
    default:
      return null;
  }
}

function isPattern(pattern: Json | undefined): boolean {
  return isJsonObject(pattern) && (typeof pattern.String === 'string') !== (typeof pattern.Regex === 'string');
}
