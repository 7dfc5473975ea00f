/** The compiled sampler: what it draws against exact probabilities, and that a row's draw is its own. */
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateGraph, evaluateRanks } from '../../../dsl/lang/evaluate-graph.ts';
import type { Graph } from '../../../dsl/lang/graph.ts';
import { kthLargest } from '../../../dsl/lang/reductions.ts';
import { trace } from '../../../dsl/lang/trace.ts';
import type { Value } from '../../../dsl/lang/values.ts';
import { applyTemperature, countTokens, minP, penalize, sample, topK, topP } from '../../../dsl/ops/index.ts';
import { Random } from '../../../verify/random.ts';
import { relativeBound, relativeError } from '../../../verify/tolerances.ts';
import { chiSquare } from '../../support/chi-square.ts';
import { type GoldenCase, goldenCases, tensorOf } from '../../support/golden-file.ts';
import { GraphLibrary } from '../../support/graph-library.ts';

interface Row {
  readonly logits: readonly number[];
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly seed: number;
  readonly position: number;
}

const V = 40;
const large = 2051;

/** From logits to a token: the sampler's chain. */
function chain(width: number): Graph {
  return trace(`sampler${width}`, (graph) => {
    const number = (name: string) => graph.input(name, 'f32', ['R']);
    const integer = (name: string) => graph.input(name, 'i32', ['R']);
    const temperature = number('temperature');
    const scaled = applyTemperature({ x: graph.input('logits', 'f32', ['R', width]), temperature }).y;
    const amongK = topK({ x: scaled, k: integer('topK') }).y;
    const amongP = topP({ x: amongK, p: number('topP') }).y;
    const likely = minP({ x: amongP, p: number('minP') }).y;
    const { token } = sample({ x: likely, temperature, seed: integer('seed'), position: integer('position') });
    return { likely, token };
  });
}

/** Greedy decoding under penalties: what is drawn is counted, and the counts are the next step's. */
const penalized = trace('penalized', (graph) => {
  const number = (name: string) => graph.input(name, 'f32', ['R']);
  const integer = (name: string) => graph.input(name, 'i32', ['R']);
  const [stateRow, usePenalties] = [integer('stateRow'), integer('usePenalties')];
  const outputCounts = graph.state('outputCounts', 'i32', ['S', V]);
  const { y } = penalize({
    logits: graph.input('logits', 'f32', ['R', V]),
    usePenalties,
    stateRow,
    repetition: number('repetition'),
    presence: number('presence'),
    frequency: number('frequency'),
    promptSeen: graph.state('promptSeen', 'i32', ['S', V]),
    outputCounts,
    logitBias: graph.state('logitBias', 'f32', ['S', V]),
  });
  const { token } = sample({
    x: y,
    temperature: number('temperature'),
    seed: integer('seed'),
    position: integer('position'),
  });
  countTokens({ token, stateRow, usePenalties, outputCounts });
  return { y, token };
});

const small = chain(V);
const wide = chain(large);
let library: GraphLibrary;
beforeAll(async () => {
  library = await GraphLibrary.build([small, wide, penalized], { element: 'f32' });
});

describe('draws', () => {
  it.each(goldenCases('sample_distribution'))('occur as often as they should: $attrs', (golden) => {
    const draws = 4000;
    const row = rowOf(golden);
    // One sequence over its positions, and many sequences at one position.
    const rows = Array.from({ length: draws }, (_, i) =>
      i % 2 === 0 ? { ...row, seed: 7, position: i } : { ...row, seed: 1000 + i, position: 12 },
    );
    const counts = new Array<number>(V).fill(0);
    for (const token of run(small, rows).token ?? []) counts[token] = (counts[token] ?? 0) + 1;
    const { statistic, limit } = chiSquare(counts, tensorOf(golden.outputs, 'probability').data);
    expect(statistic).toBeLessThan(limit);
  });

  it('would not pass for another temperature', () => {
    const [golden] = goldenCases('sample_distribution').filter(({ attrs }) => attrs.temperature === 1);
    if (golden === undefined) throw new Error('there is no such case');
    const rows = Array.from({ length: 4000 }, (_, position) => ({ ...rowOf(golden), temperature: 1.15, position }));
    const counts = new Array<number>(V).fill(0);
    for (const token of run(small, rows).token ?? []) counts[token] = (counts[token] ?? 0) + 1;
    const { statistic, limit } = chiSquare(counts, tensorOf(golden.outputs, 'probability').data);
    expect(statistic).toBeGreaterThan(limit);
  });

  it.each([0, 0.01, 10])("are the oracle's at temperature %d, of logits up to thousands", (temperature) => {
    const random = new Random(3);
    const rows = Array.from({ length: 24 }, (_, r) => ({
      ...plain(Array.from({ length: V }, () => Math.fround((r % 2 === 0 ? 1 : 1000) * random.normal()))),
      temperature,
      seed: r,
      topP: r % 3 === 0 ? 0.9 : 1,
    }));
    const found = run(small, rows);
    const expected = evaluateGraph(small, { counts: { R: rows.length }, inputs: inputsOf(rows), checkpoint: () => [] });
    expect(relativeError(found.likely ?? [], numbers(expected.likely))).toBeLessThanOrEqual(
      relativeBound('f32', 24 * V),
    );
    expect(found.token).toEqual(expected.token);
    const greedy = rows.map(({ logits }) => logits.indexOf(Math.max(...logits)));
    if (temperature === 0) expect([...(found.token ?? [])]).toEqual(greedy);
  });

  it('depend neither on the place of a row in the batch nor on the other rows nor on the threads', () => {
    const random = new Random(5);
    const rows = Array.from({ length: 33 }, (_, r) => ({
      ...plain(Array.from({ length: V }, () => Math.fround(2 * random.normal()))),
      temperature: random.pick([0, 0.7, 1, 10]),
      topK: random.pick([0, 3, 12]),
      topP: random.pick([0.5, 0.9, 1]),
      minP: random.pick([0, 0.05]),
      seed: random.integer(0, 100),
      position: r,
    }));
    const { likely, token } = run(small, rows, 1);
    const order = random.permutation(rows.length);
    const moved = run(
      small,
      order.map((r) => rows[r] ?? plain([])),
      2,
    );
    order.forEach((r, place) => {
      expect(moved.token?.[place]).toBe(token?.[r]);
      expect(moved.likely?.slice(place * V, (place + 1) * V)).toEqual(likely?.slice(r * V, (r + 1) * V));
    });
    rows.slice(0, 5).forEach((row, r) => {
      expect(run(small, [row]).token?.[0]).toBe(token?.[r]);
    });
  });
});

describe('filters of a large vocabulary', () => {
  const random = new Random(9);
  const spread = Array.from({ length: large }, () => Math.fround(4 * random.normal()));
  const ties = spread.map((x) => Math.round(x));
  const negative = -Infinity;
  it.each([
    { title: 'k of 1', logits: spread, settings: { topK: 1 } },
    { title: 'k of 50', logits: spread, settings: { topK: 50 } },
    { title: 'k within equal values', logits: ties, settings: { topK: 50 } },
    { title: 'p of 0.3', logits: spread, settings: { topP: 0.3 } },
    { title: 'p of 0.999', logits: spread, settings: { topP: 0.999 } },
    { title: 'p within equal values', logits: ties, settings: { topP: 0.9 } },
    { title: 'both', logits: spread, settings: { topK: 300, topP: 0.8 } },
  ])('$title', ({ logits, settings }) => {
    const row = { ...plain(logits), ...settings };
    const most = Math.max(...logits);
    const scaled = logits.map((x) => Math.fround(x - most));
    const kth = row.topK > 0 ? kthLargest(large, row.topK, (i) => scaled[i] ?? Number.NaN) : negative;
    const amongK = scaled.map((x) => (x >= kth ? x : negative));
    const { likely } = run(wide, [row, row]);
    const [first, second] = [likely?.slice(0, large) ?? [], likely?.slice(large) ?? []];
    expect(second).toEqual(first);
    const share = row.topP < 1 ? Math.min(...[...first].filter(Number.isFinite)) : negative;
    expect([...first]).toEqual(amongK.map((x) => (x >= share ? x : negative)));
    if (row.topP < 1) expectMassThreshold(share, amongK, row.topP);
  });
});

/**
 * The values >= `threshold` hold the share `p` of the row's mass, those above it do not. The target sums exponentials rounded to
 * f32, so that where a thousand neighbours hold a millionth of the mass another one may be the last: half an ulp of 1 on either side.
 */
function expectMassThreshold(threshold: number, row: readonly number[], p: number): void {
  const masses = row.map(Math.exp);
  const shareOf = (chosen: (x: number) => boolean) =>
    masses.reduce((sum, mass, i) => sum + (chosen(row[i] ?? Number.NaN) ? mass : 0), 0) /
    masses.reduce((sum, mass) => sum + mass, 0);
  expect(row).toContain(threshold);
  expect(shareOf((x) => x >= threshold)).toBeGreaterThanOrEqual(p - SHARE_ROUNDING);
  expect(shareOf((x) => x > threshold)).toBeLessThan(p + SHARE_ROUNDING);
}

const SHARE_ROUNDING = 2 ** -24;

describe('penalties', () => {
  it("follow the tokens drawn, step by step, as the oracle's do", () => {
    const [R, S] = [4, 6];
    const random = new Random(11);
    const inputs = {
      logits: Float64Array.from({ length: R * V }, () => Math.fround(random.normal())),
      stateRow: [5, 0, 3, 1],
      usePenalties: [1, 1, 0, 1],
      repetition: [1.5, 1, 2, 0.75].map(Math.fround),
      presence: [0, 0.5, 1, -0.25],
      frequency: [0, 0.75, 1, 0.125],
      temperature: [0, 0, 0, 0],
      seed: [0, 0, 0, 0],
      position: [0, 0, 0, 0],
    };
    let states: Readonly<Record<string, Value>> = {
      outputCounts: new Int32Array(S * V),
      promptSeen: Int32Array.from({ length: S * V }, () => random.integer(0, 2)),
      logitBias: Float64Array.from({ length: S * V }, () => Math.fround(random.normal() / 4)),
    };
    const seen = new Set<string>();
    for (let step = 0; step < 6; step++) {
      const found = library.run('penalized', { counts: { R, S }, values: { ...inputs, ...states } }, 2);
      const expected = evaluateRanks([penalized], { counts: { R, S }, inputs, states: [states], checkpoint: () => [] });
      const { y, token } = expected.results[0] ?? {};
      expect(relativeError(found.results.y ?? [], numbers(y))).toBeLessThanOrEqual(relativeBound('f32', R * V));
      expect(found.results.token).toEqual(token);
      states = expected.states[0] ?? {};
      expect(Array.from(numbers(found.states.outputCounts))).toEqual(Array.from(numbers(states.outputCounts)));
      seen.add(String(found.results.token));
    }
    // Penalties that did nothing would draw the same tokens at every step.
    expect(seen.size).toBeGreaterThan(2);
  });
});

function run(graph: Graph, rows: readonly Row[], threads = 2) {
  return library.run(graph.name, { counts: { R: rows.length }, values: inputsOf(rows) }, threads).results;
}

function inputsOf(rows: readonly Row[]) {
  return {
    logits: rows.flatMap(({ logits }) => logits),
    temperature: rows.map((row) => Math.fround(row.temperature)),
    topK: rows.map((row) => row.topK),
    topP: rows.map((row) => Math.fround(row.topP)),
    minP: rows.map((row) => Math.fround(row.minP)),
    seed: rows.map((row) => row.seed),
    position: rows.map((row) => row.position),
  };
}

function plain(logits: readonly number[]): Row {
  return { logits, temperature: 1, topK: 0, topP: 1, minP: 0, seed: 0, position: 0 };
}

function rowOf({ attrs, inputs }: GoldenCase): Row {
  const { temperature = 1, top_k = 0, top_p = 1, min_p = 0 } = attrs;
  return { ...plain(tensorOf(inputs, 'logits').data), temperature, topK: top_k, topP: top_p, minP: min_p };
}

function numbers(value: Value | undefined): ArrayLike<number> {
  if (value === undefined || 'fields' in value) throw new Error('no dense tensor');
  return value;
}
