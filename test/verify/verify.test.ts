/** `verify` on this machine: the CPU target, and what a library whose kernels are wrong looks like to it. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { OperatorCase } from '../../verify/operator-library.ts';
import { OperatorLibrary } from '../../verify/operator-library.ts';
import { verifiedCases, verifyOperators } from '../../verify/operators.ts';

const names = ['siluMul', 'rmsNorm'] as const;
const casesOf = (name: string): readonly OperatorCase[] => verifiedCases.get(name) ?? [];

describe('verify', () => {
  let library: OperatorLibrary;
  beforeAll(async () => {
    library = await OperatorLibrary.build(names.flatMap(casesOf), 'f32');
  });

  it('holds for the CPU target, and says how close to the bound', () => {
    for (const report of verifyOperators(library, names)) {
      expect(report.failures).toEqual([]);
      expect(report.calls).toBeGreaterThanOrEqual(report.shapes * 8);
      expect(report.worst).toBeLessThanOrEqual(1);
    }
  });

  it('fails, with the shape and the error, where a kernel computes something else', () => {
    const wrong: Pick<OperatorLibrary, 'element' | 'blockSize' | 'run'> = {
      element: 'f32',
      blockSize: 64,
      run: (subject, call) =>
        Object.fromEntries(
          Object.entries(library.run(subject, call)).map(([name, value]) => [
            name,
            'fields' in value ? value : Float64Array.from(value, (number) => number * 1.0001),
          ]),
        ),
    };
    const [report] = [...verifyOperators(wrong, ['siluMul'])];
    expect(report?.failures[0]).toMatch(/^siluMul_H\d+, output y: 0\.000100, at most 0\.00000200 \(T = \d+\)$/);
    expect(report?.failures.at(-1)).toMatch(/^and \d+ more$/);
  });

  it('fails where a call does, and goes no further after some', () => {
    const broken: Pick<OperatorLibrary, 'element' | 'blockSize' | 'run'> = {
      element: 'f32',
      blockSize: 64,
      run: () => {
        throw new Error('kernel silu_mul failed');
      },
    };
    const [report] = [...verifyOperators(broken, ['siluMul'])];
    expect(report?.failures).toHaveLength(3);
    expect(report?.failures[0]).toContain('kernel silu_mul failed');
  });
});
