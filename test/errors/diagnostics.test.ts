/**
 * One misuse a file in cases/, named for the mistake. Its whole diagnostic is the snapshot in snapshots/, as an author would
 * see it. Every case is refused, and every code of the catalog is met by some case.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diagnosticCodes } from '../../codegen/diagnostics/catalog.ts';
import { formatDiagnostics } from '../../codegen/diagnostics/format.ts';
import type { Diagnostic } from '../../codegen/ir/diagnostic.ts';
import { checkRanges } from '../../codegen/read/ranges.ts';
import { readOperators } from '../../codegen/read/read.ts';

const folder = join(import.meta.dirname, 'cases');
const cases = readdirSync(folder).map((file) => basename(file, '.ts'));

describe('a misuse of the language is refused with its place, its reason and the mend', () => {
  test.each(cases)('%s', async (name) => {
    const diagnostics = diagnosticsOf(name);
    expect(diagnostics).not.toEqual([]);
    await expect(formatDiagnostics(diagnostics, { base: folder })).toMatchFileSnapshot(`snapshots/${name}.txt`);
  });
});

test('every diagnostic of the catalog has a case', () => {
  const met = new Set(cases.flatMap(diagnosticsOf).map((diagnostic) => diagnostic.code));
  expect(diagnosticCodes.filter((code) => !met.has(code))).toEqual([]);
});

function diagnosticsOf(name: string): readonly Diagnostic[] {
  const { ir, diagnostics } = readOperators([join(folder, `${name}.ts`)]);
  return [...diagnostics, ...ir.flatMap((operator) => checkRanges(operator).diagnostics)];
}
