import { join } from 'node:path';
import { expect, it } from 'vitest';
import { explain } from '../../codegen/explain.ts';

const root = join(import.meta.dirname, '../..');

it('tells of an operator its lines, its form on the target and the least time it takes', async () => {
  const text = await explain(join(root, 'dsl/ops/silu-mul.ts'), { dims: { H: 640 }, target: 'cuda', rows: 1000 });
  const [, kernel, computes, form, moves, roofline] = text.split('\n');
  expect(kernel).toBe('silu_mul (nest, templates/cuda/nest.cu.njk)');
  expect(computes).toMatch(/^ {2}computes siluMul\.y \(silu-mul\.ts:\d+\)$/);
  expect(form).toMatch(/^ {2}silu_mul: \d+ threads, \d+ B of shared memory a block$/);
  // Reads 2 * 640 and writes 640 elements of 2 bytes.
  expect(moves).toBe('  moves 0 B of weights and 3840 B a row; 2560 operations a row');
  // 3.84 MB at 4.2 TB/s.
  expect(roofline).toBe('  at 1000 rows: 3840 kB, 2.56 M operations, at least 0.91 us on an H200');
});

it('tells of a model where its kernels run, what joined and what did not, with lines', async () => {
  const text = await explain(join(root, 'models/tiny'));
  expect(text).toMatch(
    /paged_attention \(attend, templates\/cpu\/attend\.cpp\.njk\)\n.*\n.*\n {2}at 1 row of 512 keys: /,
  );
  // The norm's 256 weights and 32 frequencies: of the embedding a row is looked up, its table is not read.
  expect(text).toMatch(/embedding\.y .*\n {2}moves 640 B of weights/);
  expect(text).toContain('  runs in layers.0.attention, layers.1.attention and 2 more');
  expect(text).toMatch(
    /linear\.y \(linear\.ts:\d+\) -> siluMul\.y \(silu-mul\.ts:\d+\): its expression moves into the reader/,
  );
  expect(text.slice(text.indexOf('not fused:'))).toMatch(/a product or an attend is a kernel of its own/);
});
