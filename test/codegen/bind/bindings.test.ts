/** A file of operators, built with its bindings: what tsc holds a caller to, and that the calls compute what the oracle does. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileOperatorFile, emitStage } from '../../../codegen/index.ts';
import { evaluate, type Operator } from '../../../dsl/index.ts';
import { type NativeLibrary, openLibrary, type TensorData } from '../../../index.ts';
import { Random } from '../../../verify/random.ts';
import { fromPages, fromStorage, poisoned, toPages, toStorage } from '../../../verify/tensors.ts';
import { relativeBound, relativeError } from '../../../verify/tolerances.ts';
import * as bound from './fixtures/library/bindings.ts';
import * as operators from './fixtures/operators.ts';

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));
const source = join(fixtures, 'operators.ts');
const shape = { dims: { H: 24, N: 6, V: 5, HQ: 4, HK: 2, D: 8 }, attrs: { factor: 0.5 } };

describe('as text', () => {
  it('the bindings are those that the tests below are compiled with', async () => {
    await expect(await emitStage(source, 'bindings', shape)).toMatchFileSnapshot(join(fixtures, 'library/bindings.ts'));
  });

  it('tsc takes right calls and refuses each wrong one', () => {
    const config = ts.readConfigFile(join(fixtures, '../../../../tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, join(fixtures, '../../../..'));
    const program = ts.createProgram([join(fixtures, 'calls.types.ts')], options);
    const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(fixtures));
    const found = files.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]);
    expect(files.length).toBe(2);
    expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  });
});

describe('as calls', () => {
  let library: NativeLibrary;
  const random = new Random(3);
  const normal = (size: number) => Float64Array.from({ length: size }, () => random.normal());
  const bf16 = (values: ArrayLike<number>) => toStorage('bf16', values) as Uint16Array;
  const poison = (size: number) => poisoned('bf16', size) as Uint16Array;
  const numbers = (data: TensorData) => fromStorage(data instanceof Uint16Array ? 'bf16' : 'f32', data);
  const batch = { cuSeqlens: [0, 3, 4], contextLens: [3, 66], blockTable: [[2], [0, 3]], blockSize: 64 };
  const packed = {
    cuSeqlens: Int32Array.from(batch.cuSeqlens),
    contextLens: Int32Array.from(batch.contextLens),
    blockTable: Int32Array.of(2, -1, 0, 3),
  };
  const cache = { kind: 'paged', fields: { k: [2, 8], v: [2, 8] } } as const;
  const cacheOptions = { capacities: { T: 4, B: 2 }, threads: 2, numBlocks: 4, blocksPerSequence: 2 };
  const rows = { fields: { k: normal(256 * 16), v: normal(256 * 16) } };

  function expectClose(found: TensorData, expected: ArrayLike<number>, storage: 'bf16' | 'f32' = 'bf16') {
    expect(relativeError(numbers(found), expected)).toBeLessThanOrEqual(relativeBound(storage, expected.length));
  }
  const oracle = (operator: Operator, T: number, inputs: Record<string, TensorData>, rest = {}) =>
    evaluate(operator, {
      dims: { ...shape.dims, T },
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, numbers(data)])),
      attrs: shape.attrs,
      ...rest,
    });

  beforeAll(async () => {
    library = openLibrary((await compileOperatorFile(source, shape)).directory);
  });

  it('a map', () => {
    const x = bf16(normal(3 * 24));
    const bias = Float32Array.from(normal(24));
    const y = poison(3 * 24);
    bound.scaleAdd(library, { capacities: { T: 8 } }).run({ x, bias, y }, { T: 3 });
    expectClose(y, oracle(operators.scaleAdd, 3, { x, bias }).y as Float64Array);
  });

  it('rows, called twice with other lengths', () => {
    const operator = bound.rowMean(library, { capacities: { T: 8 }, threads: 2 });
    for (const T of [5, 2]) {
      const x = bf16(normal(T * 24));
      const mean = new Float32Array(T).fill(Number.NaN);
      operator.run({ x, mean }, { T });
      expectClose(mean, oracle(operators.rowMean, T, { x }).mean as Float64Array, 'f32');
    }
    operator.close();
  });

  it('a product with a weight', () => {
    const x = bf16(normal(7 * 24));
    const w = bf16(normal(6 * 24));
    const y = poison(7 * 6);
    bound.project(library, { capacities: { T: 8 } }).run({ x, w, y }, { T: 7 });
    expectClose(y, oracle(operators.project, 7, { x, w }).y as Float64Array);
  });

  it('a scatter into a state, in place', () => {
    const counts = new Int32Array(3 * 5).fill(4);
    const operator = bound.count(library, { capacities: { R: 2, S: 3 } });
    operator.run({ row: Int32Array.of(2, 0), id: Int32Array.of(1, 4), counts }, { R: 2, S: 3 });
    expect([...counts]).toEqual([4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4]);
  });

  it('a scatter into a paged cache', () => {
    const k = bf16(normal(4 * 16));
    const v = bf16(normal(4 * 16));
    const kv = bf16(toPages(cache, rows, 64));
    const before = { fields: { k: numbers(bf16(rows.fields.k)), v: numbers(bf16(rows.fields.v)) } };
    bound.store(library, cacheOptions).run({ k, v, kv }, packed);
    const expected = evaluate(operators.store, {
      dims: { ...shape.dims, T: 4 },
      inputs: { k: numbers(k), v: numbers(v), kv: before },
      batch,
    });
    expect(fromPages(cache, numbers(kv), rows, 64)).toEqual({ fields: expected.kv.fields });
  });

  it('attention over a paged cache', () => {
    const q = bf16(normal(4 * 4 * 8));
    const kv = bf16(toPages(cache, rows, 64));
    const o = poison(4 * 4 * 8);
    bound.attention(library, cacheOptions).run({ q, kv, o }, packed);
    const inputs = { q: numbers(q), kv: fromPages(cache, numbers(kv), rows, 64) };
    const dims = { ...shape.dims, T: 4 };
    expectClose(o, evaluate(operators.attention, { dims, inputs, attrs: shape.attrs, batch }).o);
  });

  it('a length that does not fit is named with its tensor, all of them together', () => {
    const operator = bound.scaleAdd(library, { capacities: { T: 8 } });
    const tensors = { x: poison(72), bias: new Float32Array(20), y: poison(48) };
    expect(() => operator.run(tensors, { T: 3 })).toThrow(
      'scaleAdd takes 24 elements of bias, which is [24], and is given 20.\n' +
        'scaleAdd takes 72 elements of y, which is [T, 24], and is given 48.',
    );
  });

  it('so is a cache of another size', () => {
    const tensors = { q: poison(128), kv: poison(64), o: poison(128) };
    expect(() => bound.attention(library, cacheOptions).run(tensors, packed)).toThrow(
      'attention takes 8192 elements of kv, which is numBlocks pages, and is given 64.',
    );
  });

  it('and a batch that contradicts itself', () => {
    const tensors = { q: poison(128), kv: poison(8192), o: poison(128) };
    const short = { ...packed, blockTable: Int32Array.of(2, 0, 3) };
    expect(() => bound.attention(library, cacheOptions).run(tensors, short)).toThrow(
      'a batch of 2 sequences has 4 entries of blockTable; 3 are given.',
    );
  });

  it('a count beyond its capacity is refused before anything is read', () => {
    const operator = bound.rowMean(library, { capacities: { T: 8 } });
    expect(() => operator.run({ x: poison(9 * 24), mean: new Float32Array(9) }, { T: 9 })).toThrow(
      'rowMean is called with T = 9; its capacity is 8.',
    );
  });
});
