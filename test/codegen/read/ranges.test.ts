import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkRanges } from '../../../codegen/read/ranges.ts';
import { readOperators } from '../../../codegen/read/read.ts';

const source = join(import.meta.dirname, 'sources/in-range.ts');
const text = readFileSync(source, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'warpsmith-ranges-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an index that is in range is proved to be', () => {
  const { ir, diagnostics } = readOperators([source]);
  test('the operators are read', () => expect(diagnostics).toEqual([]));
  test.each(ir.map((operator) => [operator.name, operator] as const))('%s', (_, operator) => {
    expect(checkRanges(operator).diagnostics).toEqual([]);
  });
});

/** What stands in the source, what it is changed to, and the codes that follow. */
const mutations: readonly (readonly [what: string, from: string, to: string, codes: readonly string[]])[] = [
  ['an odd width has no last pair', 'D % 2 === 0', 'D >= 2', ['range-high']],
  ['the other parity', 'mod(d, 2) === 0 ? -x', 'mod(d, 2) === 1 ? -x', ['range-high', 'range-low']],
  ['a pair further', '2 * idiv(d, 2) + 1', '2 * idiv(d, 2) + 2', ['range-unproved']],
  ['the wrong side of a ternary', 'd < H ? d + H : d - H', 'd < H ? d - H : d + H', ['range-low']],
  ['a guard that is one too wide', '!(h >= A)', '!(h > A)', ['range-high']],
  ['heads that need not divide', 'HQ % HK === 0', 'HQ % HK >= 0', ['division-not-exact', 'range-unproved']],
  ['heads that may divide', 'HQ % HK === 0', 'HQ % HK === 0 || HQ > 4', ['division-not-exact', 'range-unproved']],
  ['a head further', '(HQ + HK + h) * D + d', '(HQ + HK + h + 1) * D + d', ['range-high']],
  ['one element further', '(HQ + HK + h) * D + d)', '(HQ + HK + h) * D + d + 1)', ['range-high']],
  ['keys after the batch', 'minimum(t + 2, seqStart(seq(t)) + seqLen(seq(t)))', 't + 2', ['range-high']],
  ['keys before the batch', 'maximum(seqStart(seq(t)), t - width)', 't - width', ['range-unproved']],
  ['keys before the cache', 'maximum(0, pos(t) - width + 1)', 'pos(t) - width + 1', ['range-unproved']],
  ['keys after the position', 'pos(t) - width + 1), pos(t) + 1)', 'pos(t) - width + 1), pos(t) + 2)', ['range-high']],
  ['first keys after the position', 'minimum(pos(t) + 1, width)', 'minimum(pos(t) + 2, width)', ['range-high']],
  ["another sequence's length", 'sum(seqLen(seq(t))', 'sum(seqLen(seq(t)) + 1', ['range-unproved']],
  ['no lower guard', 'ids(r) - first >= 0 && ', '', ['range-undeclared']],
  ['a guard against the wrong end', 'ids(r) - first < V', 'ids(r) - first <= V', ['range-undeclared']],
  ['a sentinel that is read', 'targets(r) >= 0 ? targets(r) : 0', 'targets(r)', ['range-low']],
  ['contents that are wider', 'i32(R).in(0, T)', 'i32(R).in(0, T + 1)', ['range-high']],
  ['nothing said of N and V', '[N <= V]', '[N >= V]', ['range-high', 'count-range']],
  ["a state's slot", 'id: i32(R).in(0, V)', 'id: i32(R).in(0, V + 1)', ['slot-range', 'range-high']],
];

describe('an index that is not is refused', () => {
  test.each(mutations)('%s', (_, from, to, codes) => {
    expect(text).toContain(from);
    const file = join(folder, 'mutated.ts');
    writeFileSync(file, text.replace(from, to));
    const { ir } = readOperators([file]);
    const found = new Set(
      ir.flatMap((operator) => checkRanges(operator).diagnostics).map((diagnostic) => diagnostic.code),
    );
    expect([...found].sort()).toEqual([...codes].sort());
  });
});
