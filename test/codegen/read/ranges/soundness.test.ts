/** Random index expressions: what is proved to be in range is in range at every point that is tried. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { checkRanges } from '../../../../codegen/read/ranges.ts';
import { readOperators } from '../../../../codegen/read/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'warpsmith-soundness-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Names = 'i' | 'j' | 'A' | 'C';
type Point = Readonly<Record<Names, number>>;

/** An expression as the author writes it, which JavaScript can evaluate too. */
const { index } = fc.letrec<{ index: string; guard: string }>((tie) => ({
  index: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom('i', 'j', 'A', 'C', '0', '1', '2'),
    fc.tuple(tie('index'), fc.constantFrom('+', '-', '*'), tie('index')).map((parts) => `(${parts.join(' ')})`),
    fc
      .tuple(fc.constantFrom('idiv', 'mod'), tie('index'), fc.constantFrom('2', '3', 'A', 'C'))
      .map(([f, a, b]) => `${f}(${a}, ${b})`),
    fc.tuple(fc.constantFrom('minimum', 'maximum'), tie('index'), tie('index')).map(([f, a, b]) => `${f}(${a}, ${b})`),
    fc.tuple(tie('guard'), tie('index'), tie('index')).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
  ),
  guard: fc.oneof(
    { maxDepth: 2 },
    fc
      .tuple(tie('index'), fc.constantFrom('<', '<=', '>', '>=', '===', '!=='), tie('index'))
      .map((parts) => parts.join(' ')),
    fc.tuple(tie('guard'), fc.constantFrom('&&', '||'), tie('guard')).map((parts) => `(${parts.join(' ')})`),
  ),
}));

const extent = fc.constantFrom('A', 'C', '2 * A', 'A + C', 'A * C', '2 * C + 1');

test('no index that leaves its tensor is proved', () => {
  let proved = 0;
  const cases = fc.sample(fc.tuple(index, extent), { numRuns: 200, seed: 7 });
  // A file each: TypeScript takes `0 < (2 > (i) ? …` for type arguments and cannot parse the file.
  const files = cases.map(([at, size], place) => {
    const file = join(folder, `case${place}.ts`);
    writeFileSync(file, source(`case${place}`, at, size));
    return file;
  });
  const read = new Map(readOperators(files).ir.map((operator) => [operator.name, operator]));
  for (const [place, [at, size]] of cases.entries()) {
    const operator = read.get(`case${place}`);
    if (operator === undefined || checkRanges(operator).diagnostics.length > 0) continue;
    proved++;
    const [indexOf, extentOf] = [evaluator(at), evaluator(size)];
    for (const point of points()) {
      const value = indexOf(point);
      expect({ at, size, point, isInRange: value >= 0 && value < extentOf(point) }).toEqual({
        at,
        size,
        point,
        isInRange: true,
      });
    }
  }
  // Otherwise the test would say nothing.
  expect(proved).toBeGreaterThan(10);
});

function source(name: string, at: string, size: string): string {
  return `import { act, idiv, maximum, minimum, mod, op } from 'warpsmith/dsl';
export const ${name} = op({
  dims: ['A', 'C'],
  inputs: ({ A, C }) => ({ x: act(${size}) }),
  outputs: ({ A, C }) => ({ y: act(A, C) }),
  define: ({ A, C }, { x }) => ({ y: (i, j) => x(${at}) }),
});
`;
}

function evaluator(text: string): (point: Point) => number {
  const run = new Function('i', 'j', 'A', 'C', 'idiv', 'mod', 'minimum', 'maximum', `return ${text};`);
  const idiv = (a: number, b: number): number => Math.floor(a / b);
  const mod = (a: number, b: number): number => a - b * Math.floor(a / b);
  return ({ i, j, A, C }) => run(i, j, A, C, idiv, mod, Math.min, Math.max);
}

function* points(): Generator<Point> {
  for (const A of [1, 2, 3, 5])
    for (const C of [1, 2, 4]) for (let i = 0; i < A; i++) for (let j = 0; j < C; j++) yield { i, j, A, C };
}
