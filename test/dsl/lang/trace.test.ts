import { describe, expect, it } from 'vitest';
import {
  add,
  type GraphBuilder,
  headNorm,
  linear,
  pagedAttention,
  ropeTable,
  siluMul,
  splitHeads,
  storeKv,
  topTokens,
  trace,
} from '../../../dsl/index.ts';

const traced = (build: (graph: GraphBuilder) => ReturnType<GraphBuilder['input']>) =>
  trace('test', (graph) => ({ y: build(graph) }));

describe('trace', () => {
  it('records calls with solved dimensions, values and labels', () => {
    const graph = traced((builder) =>
      builder.scope('layers.0', () =>
        builder.scope('mlp', () => {
          const x = builder.input('x', 'act', ['T', 8]);
          const weight = builder.checkpoint('w', 'weight', [12, 8], []);
          return siluMul({ x: linear({ x, weight }).y }).y;
        }),
      ),
    );
    const { y: hidden } = graph.calls[0]?.outputs ?? {};
    expect(graph.calls).toMatchObject([
      { operator: linear, dims: { T: 'T', N: 12, K: 8 }, inputs: { x: 0, weight: 1 }, label: 'layers.0.mlp' },
      { operator: siluMul, dims: { T: 'T', H: 6 }, inputs: { x: hidden } },
    ]);
    expect(graph.values[graph.results.y ?? -1]).toMatchObject({ element: 'act', shape: ['T', 6] });
  });

  it('makes a new version of a state that an operator writes', () => {
    const graph = traced((builder) => {
      const k = builder.input('k', 'act', ['T', 2, 4]);
      const before = builder.paged('kv', { k: [2, 4], v: [2, 4] });
      const { kv } = storeKv({ k, v: k, kv: before });
      return pagedAttention({ q: builder.input('q', 'act', ['T', 6, 4]), kv }, { scale: 0.5 }).o;
    });
    const [store, attention] = graph.calls;
    expect(store?.outputs.kv).not.toBe(store?.inputs.kv);
    expect(attention?.inputs.kv).toBe(store?.outputs.kv);
    expect(graph.values[store?.outputs.kv ?? -1]).toMatchObject({ paged: { k: [2, 4], v: [2, 4] }, element: 'cache' });
    expect(attention?.dims).toEqual({ T: 'T', B: 'B', HQ: 6, HK: 2, D: 4 });
  });

  it('refuses a state as it was before it was written', () => {
    const build = (g: GraphBuilder) => {
      const k = g.input('k', 'act', ['T', 2, 4]);
      const kv = g.paged('kv', { k: [2, 4], v: [2, 4] });
      storeKv({ k, v: k, kv });
      return pagedAttention({ q: g.input('q', 'act', ['T', 6, 4]), kv }, { scale: 0.5 }).o;
    };
    expect(() => traced(build)).toThrow('is given kv as it was before an operator that wrote it');
  });

  it('binds a ragged pair that no shape mentions to the batch of the graph', () => {
    const graph = traced(
      (builder) => ropeTable({ inverseFrequency: builder.constant('f', [1, 0.1]) }, { scale: 1 }).cosine,
    );
    expect(graph.calls[0]?.dims).toEqual({ T: 'T', B: 'B', F: 2 });
  });

  it('takes dimensions that no shape gives as options', () => {
    const split = (builder: GraphBuilder, HQ: number, HK: number) =>
      splitHeads({ qkv: builder.input('qkv', 'act', ['T', 8, 4]) }, {}, { dims: { HQ, HK } }).v;
    expect(traced((builder) => split(builder, 4, 2)).calls[0]?.dims).toEqual({ T: 'T', HQ: 4, HK: 2, D: 4 });
    expect(() => traced((builder) => split(builder, 5, 2))).toThrow(
      'takes qkv of shape [T, 9, 4] and is given [T, 8, 4]',
    );
    const qkv = (builder: GraphBuilder) => splitHeads({ qkv: builder.input('qkv', 'act', ['T', 8, 4]) }).q;
    expect(() => traced(qkv)).toThrow(/split-heads\.ts:\d+ leaves HQ, HK undetermined/);
  });

  it('reshapes without computing, and refuses another number of elements', () => {
    const graph = traced((builder) => builder.input('x', 'act', ['T', 8]).reshape('T', 2, 4).reshape('T', 4, 2));
    expect(graph.calls).toEqual([]);
    expect(graph.values.at(-1)).toMatchObject({ shape: ['T', 4, 2], source: { kind: 'view', of: 0 } });
    expect(() => traced((builder) => builder.input('x', 'act', ['T', 8]).reshape('T', 3, 4))).toThrow(
      'a value of shape [T, 8] has no view of shape [T, 3, 4]',
    );
    expect(() => traced((builder) => builder.input('x', 'act', ['T', 8]).reshape('R', 8))).toThrow('has no view');
  });

  it('refuses shapes, elements and conditions that do not fit', () => {
    const x = (builder: GraphBuilder) => builder.input('x', 'act', ['T', 8]);
    expect(() => traced((b) => add({ x: x(b), residual: b.input('r', 'act', ['T', 7]) }).y)).toThrow(
      /add\.ts:\d+ takes residual of shape \[T, 8\] and is given \[T, 7\]/,
    );
    expect(() => traced((b) => add({ x: x(b), residual: b.input('r', 'act', ['R', 8]) }).y)).toThrow('is given [R, 8]');
    expect(() => traced((b) => add({ x: x(b), residual: b.input('r', 'f32', ['T', 8]) }).y)).toThrow(
      'takes residual as act and is given f32',
    );
    expect(() =>
      traced((b) => topTokens({ logits: b.input('l', 'f32', ['R', 4]) }, {}, { dims: { N: 5 } }).ids),
    ).toThrow('does not hold for R = R, V = 4, N = 5');
    expect(() => traced((b) => siluMul({ x: b.input('odd', 'act', ['T', 7]) }).y)).toThrow('leaves H undetermined');
    expect(() => traced((b) => add({ x: x(b), residual: x(b) }).y)).toThrow('the input x is declared twice');
  });

  it('refuses names that the operator does not declare, as untyped callers may give them', () => {
    const build = (attrs: { eps: number }) => (builder: GraphBuilder) =>
      headNorm({ x: builder.input('x', 'act', ['T', 2, 4]), weight: builder.checkpoint('w', 'weight', [4], []) }, attrs)
        .y;
    const misspelt: { eps: number; epsilon: number } = { eps: 1e-6, epsilon: 1 };
    expect(() => traced(build(misspelt))).toThrow('does not know epsilon among its attributes');
  });
});
