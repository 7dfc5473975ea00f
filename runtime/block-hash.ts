/** Names of cached blocks: a block is known by its tokens and all before it, so equal prefixes share and nothing else does. */
import { createHash } from 'node:crypto';

/** sha256 over (hash of the block before, tokens of this full block); the first block's parent is the salt's hash. */
export function blockHash(parent: string, tokens: readonly number[], start: number, blockSize: number): string {
  const bytes = Int32Array.from({ length: blockSize }, (_, offset) => tokens[start + offset] ?? -1);
  return createHash('sha256').update(parent).update(bytes).digest('base64');
}

/** The parent of first blocks. Caches with different salts (models, adapters, tenants) never meet. */
export function rootHash(salt: string): string {
  return createHash('sha256').update(salt, 'utf8').digest('base64');
}
