import { expect, test } from 'vitest';
import { diagnose } from '../../../codegen/diagnostics/catalog.ts';
import { formatDiagnostic } from '../../../codegen/diagnostics/format.ts';
import { nearestName } from '../../../codegen/diagnostics/nearest.ts';

const source = ['first line', '  x(t, h / 2)', ''].join('\n');
const found = diagnose({ file: '/work/ops/x.ts', line: 2, column: 8, length: 5 }, 'index-division', 'h', '2');
const options = { base: '/work', readSource: () => source };

test('a diagnostic shows place, code, message, the lines, a caret and the mend', () => {
  expect(formatDiagnostic(found, options)).toBe(`\
ops/x.ts:2:8 error index-division: \`h / 2\` divides an index, which has no fractions
  1 | first line
  2 |   x(t, h / 2)
    |        ^^^^^
  mend: Write \`idiv(h, 2)\`; for a fraction multiply by one, as in \`h * (1 / N)\`.
`);
});

test('colours are added only where they are asked for', () => {
  expect(formatDiagnostic(found, options)).not.toContain('\u001b');
  expect(formatDiagnostic(found, { ...options, color: true })).toContain('\u001b[31m');
});

test('a caret stays within its line', () => {
  const long = { ...found, span: { ...found.span, length: 400 } };
  expect(formatDiagnostic(long, options)).toContain('    |        ^^^^^^\n');
});

test.each([
  ['sillu', 'silu'],
  ['Exp', 'exp'],
  ['softmax', null],
])('the name nearest to %s is %s', (name, nearest) => {
  expect(nearestName(name, ['silu', 'exp', 'kthLargest'])).toBe(nearest);
});
