/** What is kept of the library's operators is what reading it gives, with the nodes that it shares. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodesOf } from '../../../codegen/ir/children.ts';
import { expressionsOf } from '../../../codegen/ir/definitions.ts';
import type { OperatorIr } from '../../../codegen/ir/operator.ts';
import { libraryOperators } from '../../../codegen/read/library-operators.ts';
import { readProgramOperators } from '../../../codegen/read/program-operators.ts';
import { readOperators } from '../../../codegen/read/read.ts';
import { siluMul } from '../../../dsl/index.ts';

const entries = [join(import.meta.dirname, '../../../dsl/index.ts')];
const cache = mkdtempSync(join(tmpdir(), 'warpsmith-library-operators-'));

beforeEach(() => vi.stubEnv('WARPSMITH_CACHE', cache));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

test('kept operators are those that were read', async () => {
  const read = readOperators(entries);
  const first = await libraryOperators(entries);
  expect(readdirSync(join(cache, 'operators'))).toHaveLength(1);
  const kept = await libraryOperators(entries);
  expect(first).toEqual(read);
  expect(kept).toEqual(read);
  expect(kept.ir).not.toBe(first.ir);
  expect(kept.ir.map(nodeCount)).toEqual(read.ir.map(nodeCount));
});

test('an author’s operators are read beside them', async () => {
  const fixture = join(import.meta.dirname, 'sources/operators.ts');
  const names = async (files: readonly string[]): Promise<readonly string[]> =>
    [...(await readProgramOperators(files)).ir.values()].map(({ name }) => name);
  const all = [...entries, fixture];
  expect(await names(all)).toEqual(readOperators(all).ir.map(({ name }) => name));
  expect(await names([fixture])).toEqual(await names(all));
  expect((await readProgramOperators([fixture])).ir.get(siluMul)?.name).toBe('siluMul');
});

/** Nodes met twice count once. */
function nodeCount({ definitions }: OperatorIr): number {
  return new Set(nodesOf(...definitions.flatMap(expressionsOf))).size;
}
