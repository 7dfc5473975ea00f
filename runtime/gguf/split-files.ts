/** A model in several GGUF files, as llama.cpp's gguf-split writes it: the first has the metadata, all have tensors. */
import { basename, dirname, join } from 'node:path';
import type { TensorLocation } from '../weight-types.ts';
import { ggufError, quoted } from './errors.ts';
import { type GgufHeader, readGgufHeader } from './header.ts';
import type { Metadata } from './metadata.ts';

/** `model-00001-of-00003.gguf`. */
const splitName = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/;
const maxFiles = 1000;

/** The header of the model: the first file's metadata, and the tensors of all files. */
export function readModelHeader(file: string): GgufHeader {
  const first = readGgufHeader(file);
  const count = countOf(first.metadata, 'split.count') ?? 1;
  if (count === 1) return first;
  const [, prefix, number, total] = splitName.exec(basename(file)) ?? [];
  const place = countOf(first.metadata, 'split.no');
  if (place !== 0 || Number(number ?? 1) !== 1) {
    throw ggufError(
      file,
      `is file ${(place ?? Number(number) - 1) + 1} of ${count}`,
      'Give the first, whose name has 00001-of.',
    );
  }
  if (prefix === undefined || Number(total) !== count || count > maxFiles) {
    const form = `NAME-00001-of-${String(count).padStart(5, '0')}.gguf`;
    throw ggufError(
      file,
      `is the first of ${count} files and not named ${form}`,
      'Give the files the names they were published under.',
    );
  }
  const tensors = new Map<string, TensorLocation>(first.tensors);
  for (let other = 2; other <= count; other++) {
    const name = `${prefix}-${String(other).padStart(5, '0')}-of-${total}.gguf`;
    const part = readGgufHeader(join(dirname(file), name));
    if (countOf(part.metadata, 'split.no') !== other - 1 || countOf(part.metadata, 'split.count') !== count) {
      throw ggufError(part.file, `does not say that it is file ${other} of ${count}`);
    }
    for (const [own, tensor] of part.tensors) {
      if (tensors.has(own)) throw ggufError(part.file, `has the tensor ${quoted(own)}, which a file before it has too`);
      tensors.set(own, tensor);
    }
  }
  const expected = countOf(first.metadata, 'split.tensors.count');
  if (expected !== null && expected !== tensors.size) {
    throw ggufError(file, `claims ${expected} tensors in its ${count} files, which have ${tensors.size}`);
  }
  return { ...first, tensors };
}

function countOf(metadata: Metadata, key: string): number | null {
  const value = metadata.get(key);
  return value?.kind === 'number' && Number.isSafeInteger(value.value) ? value.value : null;
}
