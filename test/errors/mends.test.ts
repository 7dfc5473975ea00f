/** A mend that shows code is one that compiles: each case of cases/ as its author would have mended it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatDiagnostics } from '../../codegen/diagnostics/format.ts';
import { checkRanges } from '../../codegen/read/ranges.ts';
import { readOperators } from '../../codegen/read/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'warpsmith-mends-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Edit = readonly [from: string, to: string];

const importing = (names: string): Edit => ['import { act, op', `import { act, ${names}, op`];

/** By case: what is written in place of what. */
const mended: Readonly<Record<string, readonly Edit[]>> = {
  accumulator: [importing('sum'), [accumulatorBody(), 'sum(H, (i) => x(t, i))']],
  'array-captured': [
    ['const factors = [1, 2, 3, 4];\n\n', ''],
    ["['T', 'H']", "['T']"],
    ['({ T, H }) => ({ x: act(T, H) })', '({ T }) => ({ x: act(T, 4), factors: act(4) })'],
    ['({ T, H }) => ({ y: act(T, H) })', '({ T }) => ({ y: act(T, 4) })'],
    ['{ x }', '{ x, factors }'],
    ['factors[h]', 'factors(h)'],
  ],
  'async-function': [['async ', '']],
  'attend-misspelt-score': [['scores', 'score']],
  'bigint-literal': [['2n', '2']],
  'boolean-output': [['x(t, h) > 0', 'x(t, h) > 0 ? 1 : 0']],
  'captured-let': [['let factor', 'const factor']],
  'chained-comparison': [['0 < h < H', '0 < h && h < H']],
  'condition-as-a-number': [['(h > 0)', '(h > 0 ? 1 : 0)']],
  'contraction-transposed': [
    ['w: weight(K, N)', 'w: weight(N, K)'],
    ['w(k, n)', 'w(n, k)'],
  ],
  'default-export': [['export default op', 'export const named = op']],
  'dims-argument-as-tensor': [['define: ({ x })', 'define: ({ T, H }, { x })']],
  'division-of-an-index': [importing('idiv'), ['h / 2', 'idiv(h, 2)']],
  'division-that-may-round': [["dims: ['T', 'H'],", "dims: ['T', 'H'],\n  where: ({ H }) => [H % 2 === 0],"]],
  'element-by-brackets': [['x[t][h]', 'x(t, h)']],
  'element-type-in-the-shape': [importing('f32'), ["act(T, H, 'bf16')", 'f32(T, H)']],
  'fixed-index': [["dims: ['T', 'H'],", "dims: ['T', 'H'],\n  where: ({ H }) => [5 < H],"]],
  'function-of-torch': [importing('maximum'), ['relu(x(t, h))', 'maximum(x(t, h), 0)']],
  'if-statement': [[ifBody(), 'h > 0 ? x(t, h) : 0']],
  'index-of-other-axis': [['x(h, t)', 'x(t, h)']],
  'math-exp': [importing('exp'), ['Math.exp', 'exp']],
  'math-max': [importing('maximum'), ['Math.max', 'maximum']],
  'method-of-an-element': [importing('exp'), ['x(t, h).exp()', 'exp(x(t, h))']],
  'more-places-than-values': [['inputs:', 'where: ({ N, V }) => [N <= V],\n  inputs:']],
  'nan-compared': [
    ['(x(t, h) === NaN ? 0 : x(t, h))', '{ const value = x(t, h); return value !== value ? 0 : value; }'],
  ],
  'negative-extent': [['act(T, -4)', 'act(T, H)']],
  'negative-index': [
    ['define: (_,', 'define: ({ H },'],
    ['x(t, -1)', 'x(t, H - 1)'],
  ],
  'not-exported': [['const hidden', 'export const hidden']],
  'not-imported': [importing('silu')],
  'null-value': [['null', '0']],
  'number-as-a-condition': [['(h ?', '(h !== 0 ?']],
  'power-operator': [importing('exp, log'), ['x(t, h) ** 2', 'exp(2 * log(x(t, h)))']],
  'product-of-tensors': [importing('sum'), ['dot(x, x)', 'sum(H, (k) => x(t, k) * x(t, k))']],
  'remainder-of-an-index': [importing('mod'), ['h % 2', 'mod(h, 2)']],
  'shape-of-strings': [["act('T', 'H')", 'act(T, H)']],
  'sum-over-a-range': [['range(0, H), (i) => x(t, i)', 'H - 0, (i) => x(t, 0 + i)']],
  'tensor-method': [importing('sum'), ['x.sum()', 'sum(H, (i) => x(t, i))']],
  'undeclared-contents': [['rows: i32(R)', 'rows: i32(R).in(0, T)']],
  'unknown-import': [
    ['geluTanhh', 'geluTanh'],
    ['geluTanhh', 'geluTanh'],
  ],
  'where-not-a-list': [['=> H % 2 === 0', '=> [H % 2 === 0]']],
};

function accumulatorBody(): string {
  return '{ let total = 0; for (let i = 0; i < H; i++) total += x(t, i); return total; }';
}

function ifBody(): string {
  return '{\n      if (h > 0) return x(t, h);\n      return 0;\n    }';
}

test.each(Object.entries(mended))('%s, mended, compiles', (name, edits) => {
  let text = readFileSync(join(import.meta.dirname, 'cases', `${name}.ts`), 'utf8');
  for (const [from, to] of edits) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, text);
  const { ir, diagnostics } = readOperators([path]);
  const all = [...diagnostics, ...ir.flatMap((operator) => checkRanges(operator).diagnostics)];
  expect(formatDiagnostics(all)).toBe('');
  expect(ir.length).toBeGreaterThan(0);
});
