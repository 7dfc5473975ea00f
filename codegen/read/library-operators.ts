/** The operators of this package's dsl/, kept in the cache for its sources as they are: to parse all of them takes half a second. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { cached, cacheRoot, contentHash } from '../build/cache.ts';
import type { PassResult } from '../ir/diagnostic.ts';
import type { OperatorIr } from '../ir/operator.ts';
import { PACKAGE_ROOT, packageSources } from '../package-sources.ts';
import { readOperators } from './read.ts';

const FOLDER = 'operators';

/** All that an operator's IR comes from: the library, its reader, and the forms that the reader makes. */
const SOURCES = ['dsl', 'codegen/read', 'codegen/ir'];

/** What `readOperators` gives for `entries`, files of dsl/. Nothing is kept while one of them has a mistake. */
export async function libraryOperators(entries: readonly string[]): Promise<PassResult<readonly OperatorIr[]>> {
  // Spans hold whole paths.
  const key = contentHash(PACKAGE_ROOT, process.versions.v8, entries.join('\n'), ...packageSources(SOURCES));
  const kept = join(cacheRoot(), FOLDER, key);
  if (existsSync(kept)) return { ir: deserialize(readFileSync(kept)), diagnostics: [] };
  const read = readOperators(entries);
  // Nodes that operators share stay shared, which JSON would not keep.
  if (read.diagnostics.length === 0)
    await cached(FOLDER, key, async (entry) => writeFileSync(entry, serialize(read.ir)));
  return read;
}
