import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodesOf } from '../../../codegen/ir/children.ts';
import { expressionsOf } from '../../../codegen/ir/definitions.ts';
import type { OperatorIr } from '../../../codegen/ir/operator.ts';
import { printOperator } from '../../../codegen/ir/print-operator.ts';
import { verifyOperator } from '../../../codegen/ir/verify-operator.ts';
import { readProgramOperators } from '../../../codegen/read/program-operators.ts';
import { checkRanges } from '../../../codegen/read/ranges.ts';
import { readOperators } from '../../../codegen/read/read.ts';
import { pagedAttention, siluMul } from '../../../dsl/index.ts';

const root = join(import.meta.dirname, '../../..');
const library = readOperators([join(root, 'dsl/index.ts')]);
const own = readOperators([join(import.meta.dirname, 'sources/operators.ts')]);

describe('the two examples of docs/language.md', () => {
  test('SiLU-mul', () => {
    expect(printed(library.ir, 'siluMul')).toBe(`\
operator siluMul(T, H)
  input  x: act[T, 2 * H]
  output y: act[T, H]
  y[t, h] = (x[t, h] / (1.0 + exp(-x[t, h]))) * x[t, H + h]
`);
  });

  test('paged attention', () => {
    expect(printed(library.ir, 'pagedAttention')).toBe(`\
operator pagedAttention(T ragged over B, HQ, HK, D)
  where  HQ mod HK == 0
  input  q: act[T, HQ, D]
  input  kv: paged { k[HK, D], v[HK, D] }
  attr   scale: f32
  output o: act[T, HQ, D]
  o[t, h, d] = attend j in [0, pos(t) + 1)
    score scale * sum(d < D, q[t, h, d] * kv.k[seq(t), j, idiv(h, HQ / HK), d])
    value kv.v[seq(t), j, idiv(h, HQ / HK), d]
`);
  });
});

describe('the operator library', () => {
  test('is read without a diagnostic, verified, and in range', () => {
    expect(library.diagnostics).toEqual([]);
    expect(library.ir.length).toBeGreaterThan(20);
    for (const operator of library.ir) {
      verifyOperator(operator);
      expect(checkRanges(operator).diagnostics).toEqual([]);
    }
  });

  test('what a function of the language computes is told of at its call', () => {
    for (const operator of library.ir) {
      const files = nodesOf(...operator.definitions.flatMap(expressionsOf)).map(({ span }) => span.file);
      expect(new Set(files), operator.name).toEqual(new Set([operator.file]));
    }
  });

  test('a scatter names its slots and its writes', () => {
    expect(printed(library.ir, 'storeKv')).toContain(`\
  kv = scatter t < T at [slot(t)]
    k[h, d] = k[t, h, d]
    v[h, d] = v[t, h, d]
`);
  });
});

describe("an author's own forms", () => {
  test('are read without a diagnostic and verified', () => {
    expect(own.diagnostics).toEqual([]);
    for (const operator of own.ir) verifyOperator(operator);
  });

  test('helpers are inlined across files, with renamed dimensions and default parameters', () => {
    expect(printed(own.ir, 'gated')).toContain(
      'y[t, h] = (1.0 / (1.0 + exp(-1.5 * x[t, h]))) * x[t, H + h] - 1.0 / (1.0 + exp(-1.5 * x[t, h]))',
    );
  });

  test('functions are values: parameters, results, closures', () => {
    expect(printed(own.ir, 'folded')).toContain('y[i] = (x[i] + x[N - 1 - i]) / 2.0');
  });

  test('a helper may run within itself through its argument', () => {
    expect(printed(own.ir, 'nestedMean')).toContain('y[t] = sum(n < N, sum(m < M, x[t, n, m]) / f32(M)) / f32(N)');
  });

  test('a statistic asked for twice at one place is one node', () => {
    const operator = find(own.ir, 'standardized');
    const sums = nodesOf(...operator.definitions.flatMap(expressionsOf)).filter((node) => node.kind === 'reduce');
    // The mean over i, inside the variance and outside of it, and the variance.
    expect(sums).toHaveLength(2);
  });

  test('a local const is one object however often it is used', () => {
    const [definition] = find(own.ir, 'gated').definitions;
    if (definition?.kind !== 'map' || definition.value.kind !== 'binary') throw new Error('gated is a difference');
    const [product, gate] = [definition.value.left, definition.value.right];
    expect(product.kind === 'binary' && product.left).toBe(gate);
  });

  test('literals and indices are typed by what they meet', () => {
    expect(printed(own.ir, 'typed')).toContain(`\
  y[t, h] = ((h > 0 && t != 0 ? 1.0 : 0.0) * x[t, h] + f32(h) * 0.5 + 1.0 / f32(H)) - 1.5707963267948966
  best[t] = argmax(h < H, x[t, h])
  count[t] = -t
`);
  });
});

describe('a program', () => {
  test('finds the IR of an operator by the operator itself', async () => {
    const { ir, diagnostics } = await readProgramOperators([join(root, 'dsl/ops/index.ts')]);
    expect(diagnostics).toEqual([]);
    expect(ir.get(siluMul)?.name).toBe('siluMul');
    expect(ir.get(pagedAttention)?.name).toBe('pagedAttention');
  });

  test('reads only what an entry file can reach', () => {
    const { ir } = readOperators([join(root, 'dsl/ops/silu-mul.ts')]);
    expect(ir.map((operator) => operator.name)).toEqual(['siluMul']);
  });

  test('names stand for the line they were written on', () => {
    const operator = find(own.ir, 'gated');
    expect(operator.file).toBe(join(import.meta.dirname, 'sources/operators.ts'));
    expect(operator.span).toMatchObject({ file: operator.file, line: 7, column: 22 });
  });
});

function find(operators: readonly OperatorIr[], name: string): OperatorIr {
  const found = operators.find((operator) => operator.name === name);
  if (found === undefined) throw new Error(`${name} was not read`);
  return found;
}

const printed = (operators: readonly OperatorIr[], name: string): string => printOperator(find(operators, name));
