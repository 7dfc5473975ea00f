/** Chains of operators, fused and with each definition a kernel of its own: the same bits, and the kernels that one expects. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluateRanks } from '../../../dsl/lang/evaluate-graph.ts';
import type { Graph } from '../../../dsl/lang/graph.ts';
import type { FloatType } from '../../../dsl/lang/rounding.ts';
import type { PagedValue, Value } from '../../../dsl/lang/values.ts';
import '../../support/launches.ts';
import { elementsOf } from '../../../verify/operator-library.ts';
import { relativeBound, relativeError } from '../../../verify/tolerances.ts';
import { GraphLibrary, type GraphRun } from '../../support/graph-library.ts';
import { simulated } from '../../support/simulation.ts';
import { type UserFolder, userFolder } from '../../support/user-folder.ts';
import { sourceFiles } from '../../support/user-sources.ts';
import { type Chain, chains } from './chains.ts';

let folder: UserFolder;
let all: readonly Chain[];
beforeAll(async () => {
  folder = userFolder(sourceFiles);
  all = await chains(folder);
});
afterAll(() => folder.remove());

describe.each(['bf16', 'f32'] as const)('in %s', (element) => {
  let fused: GraphLibrary;
  let alone: GraphLibrary;
  beforeAll(async () => {
    const modules = ['five-maps.ts', 'interleaved-rope.ts'].map((name) => folder.file(name));
    const graphs = all.map(({ graph }) => graph);
    fused = await GraphLibrary.build(graphs, { element, modules });
    alone = await GraphLibrary.build(graphs, { element, modules, fuse: false });
  });

  test.each(['heads', 'interleavedHeads', 'mlp', 'maps', 'sampler'])('%s: the same bits fused and alone', (name) => {
    const { graph, calls } = chain(name);
    for (const call of calls(element)) {
      const apart = alone.run(name, call);
      for (const threads of [1, 2]) {
        const together = fused.run(name, call, threads);
        expect(together.bits).toEqual(apart.bits);
        expect(together.launches).toBeLessThan(apart.launches);
      }
      expectClose(apart, oracle(graph, call, element), element);
    }
  });

  test('the norms, the rotation and the store are one kernel, whichever rope it is', () => {
    for (const [name, rope] of [
      ['heads', 'rope'],
      ['interleavedHeads', 'interleavedRope'],
    ] as const) {
      const [call] = chain(name).calls(element);
      if (!call) throw new Error('there is a call');
      const ran = fused.run(name, call);
      expect(ran.launches).toBe(1);
      expect(ran).toFuse('splitHeads', 'headNorm', rope, 'storeKv');
      expect(alone.run(name, call)).not.toFuse('headNorm', rope, 'storeKv');
    }
  });

  test('five maps become one kernel', () => {
    const [call] = chain('maps').calls(element);
    if (!call) throw new Error('there is a call');
    expect(fused.run('maps', call).launches).toBe(1);
    expect(alone.run('maps', call).launches).toBe(5);
  });

  test('an activation rides in its product, and a sampler is two kernels', () => {
    const [product] = chain('mlp').calls(element);
    const [draw] = chain('sampler').calls(element);
    if (!product || !draw) throw new Error('there are calls');
    const ran = fused.run('mlp', product);
    expect(ran).toFuse('linear', 'siluMul');
    expect(ran.launches).toBe(2);
    expect(fused.run('sampler', draw).launches).toBe(2);
  });
});

describe('in bf16 as CUDA C', () => {
  let fused: GraphLibrary;
  let alone: GraphLibrary;
  beforeAll(async () => {
    const modules = ['five-maps.ts', 'interleaved-rope.ts'].map((name) => folder.file(name));
    const graphs = all.map(({ graph }) => graph);
    fused = await GraphLibrary.build(graphs, { element: 'bf16', modules, ...simulated });
    alone = await GraphLibrary.build(graphs, { element: 'bf16', modules, fuse: false, ...simulated });
  });

  test.each(['heads', 'interleavedHeads', 'mlp', 'maps'])('%s: the same bits fused and alone', (name) => {
    const { graph, calls } = chain(name);
    for (const call of calls('bf16')) {
      const apart = alone.run(name, call);
      const together = fused.run(name, call);
      expect(together.bits).toEqual(apart.bits);
      // Nothing is launched for no rows.
      if (call.counts.T !== 0) expect(together.launches).toBeLessThan(apart.launches);
      expectClose(apart, oracle(graph, call, 'bf16'), 'bf16');
    }
  });
});

function chain(name: string): Chain {
  const found = all.find(({ graph }) => graph.name === name);
  if (!found) throw new Error(`there is no chain ${name}`);
  return found;
}

type Call = ReturnType<Chain['calls']>[number];
type Expected = { readonly results: GraphRun['results']; readonly states: Readonly<Record<string, Value>> };

function oracle(graph: Graph, call: Call, element: FloatType): Expected {
  const isInput = (name: string) => graph.values.some(({ source }) => source.kind === 'input' && source.name === name);
  const entries = Object.entries(call.values);
  const inputs = entries.filter(
    (entry): entry is [string, ArrayLike<number>] => isInput(entry[0]) && !('fields' in entry[1]),
  );
  const step = evaluateRanks([graph], {
    counts: call.counts,
    inputs: Object.fromEntries(inputs),
    checkpoint: (name) => call.checkpoint?.[name] ?? [],
    states: [Object.fromEntries(entries.filter(([name]) => !isInput(name)))],
    elements: elementsOf(element),
    ...(call.batch && { batch: call.batch }),
  });
  const results = Object.entries(step.results[0] ?? {}).map(([name, value]) => [name, numbers(value)] as const);
  return { results: Object.fromEntries(results), states: step.states[0] ?? {} };
}

/** Every rounding of a chain may fall to the other side in one of the executions: a few of the bounds of a single operator. */
const roundings = 4;

function expectClose(found: GraphRun, expected: Expected, element: FloatType): void {
  for (const [name, value] of Object.entries(expected.results)) {
    const result = found.results[name];
    if (value instanceof Int32Array) expect(result, name).toEqual(value);
    else
      expect(relativeError(result ?? [], value), name).toBeLessThanOrEqual(
        roundings * relativeBound(element, value.length),
      );
  }
  for (const [name, value] of Object.entries(expected.states)) {
    for (const [field, rows] of fieldsOf(value)) {
      const error = relativeError(new Map(fieldsOf(found.states[name])).get(field) ?? [], rows);
      expect(error, `${name}.${field}`).toBeLessThanOrEqual(roundings * relativeBound(element, rows.length));
    }
  }
}

function fieldsOf(value: Value | undefined): readonly (readonly [string, ArrayLike<number>])[] {
  if (value === undefined) return [];
  return 'fields' in value ? Object.entries(value.fields) : [['', value]];
}

function numbers(value: Float64Array | Int32Array | PagedValue<Float64Array>): Float64Array | Int32Array {
  if ('fields' in value) throw new Error('a cache is no result of a chain');
  return value;
}
