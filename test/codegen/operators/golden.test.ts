/** The CPU target against torch and transformers (test/golden/operators.json), without the oracle between them. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../../dsl/lang/batch.ts';
import type { Operator } from '../../../dsl/lang/operator.ts';
import type { EvaluatedValue, Value } from '../../../dsl/lang/values.ts';
import * as ops from '../../../dsl/ops/index.ts';
import { type OperatorCase, OperatorLibrary, operatorCase } from '../../../verify/operator-library.ts';
import { relativeBound, relativeError } from '../../../verify/tolerances.ts';
import { penaltyInputs } from '../../dsl/ops/sampling.ts';
import { type GoldenCase, type GoldenTensor, goldenCases, tensorOf } from '../../support/golden-file.ts';

/** What a golden case runs: one operator, or some in a row that feed each other by `then`. */
interface Check {
  readonly title: string;
  readonly programs: readonly OperatorCase[];
  readonly run: (launch: Launch) => void;
}

type Launch = (
  program: OperatorCase | undefined,
  counts: Readonly<Record<string, number>>,
  inputs: Readonly<Record<string, Value>>,
  batch?: Batch,
) => Readonly<Record<string, EvaluatedValue>>;

const checks: readonly Check[] = [
  ...goldenCases('rms_norm').flatMap((golden) => [
    norm('rmsNorm', ops.rmsNorm, golden),
    norm('headNorm', ops.headNorm, golden),
  ]),
  ...goldenCases('add_rms_norm').map((golden) => norm('addRmsNorm', ops.addRmsNorm, golden)),
  ...goldenCases('silu_mul').map((golden, i) => gated(`siluMul${i}`, ops.siluMul, golden)),
  ...goldenCases('gelu_tanh_mul').map((golden, i) => gated(`geluTanhMul${i}`, ops.geluTanhMul, golden)),
  ...goldenCases('linear').map(linear),
  ...goldenCases('rope').map(rope),
  ...goldenCases('attention').map(attention),
  ...goldenCases('penalties').map(penalties),
  ...goldenCases('log_softmax').map(logSoftmax),
];

describe('golden values on the CPU target', () => {
  let library: OperatorLibrary;
  beforeAll(async () => {
    library = await OperatorLibrary.build(
      checks.flatMap(({ programs }) => programs),
      'f32',
    );
  });
  it.each(checks)('$title', ({ run }) => {
    run((program, counts, inputs, batch) => {
      if (program === undefined) throw new Error('the check has no such program');
      return library.run(program, { counts, inputs, ...(batch && { batch }) }, 2);
    });
  });
});

function norm(name: string, operator: Operator, { attrs, inputs, outputs }: GoldenCase): Check {
  const [T = 0, H = 0] = tensorOf(inputs, 'x').shape;
  const features = name === 'headNorm' ? { H: 1, D: H } : { H };
  const program = operatorCase(name, operator, features, attrs);
  return {
    title: program.name,
    programs: [program],
    run: (launch) => {
      const found = launch(program, { T }, dataOf(inputs));
      expectClose(found.y, outputs.y);
      if (outputs.residual !== undefined) expectClose(found.total, outputs.residual);
    },
  };
}

function gated(name: string, operator: Operator, { inputs, outputs }: GoldenCase): Check {
  const [T = 0, width = 0] = tensorOf(inputs, 'x').shape;
  const program = operatorCase(name, operator, { H: width / 2 });
  return {
    title: program.name,
    programs: [program],
    run: (launch) => expectClose(launch(program, { T }, dataOf(inputs)).y, outputs.y),
  };
}

function linear({ inputs, outputs }: GoldenCase): Check {
  const [T = 0, K = 0] = tensorOf(inputs, 'x').shape;
  const { data: bias } = tensorOf(inputs, 'bias');
  const programs = [
    operatorCase('linearBias', ops.linearBias, { N: bias.length, K }),
    operatorCase('linear', ops.linear, { N: bias.length, K }),
  ];
  const { x, weight } = dataOf(inputs);
  return {
    title: 'linear, with bias and without',
    programs,
    run: (launch) => {
      expectClose(launch(programs[0], { T }, dataOf(inputs)).y, outputs.y);
      const unbiased = numbers(launch(programs[1], { T }, { x: x ?? [], weight: weight ?? [] }).y);
      expectClose(
        unbiased.map((y, i) => y + (bias[i % bias.length] ?? 0)),
        outputs.y,
      );
    },
  };
}

/** Positions up to 5000 in f32: an angle is off by up to half a unit in its last place, 2^-13 there. */
function rope({ attrs, inputs, outputs }: GoldenCase): Check {
  const { rope_type: type, attention_scale: scale = 1 } = attrs;
  const { data: positions } = tensorOf(inputs, 'positions');
  const table = { ...operatorCase('ropeTable', ops.ropeTable, { F: 8 }, { scale }), name: `ropeTable_${type}` };
  const turn = (heads: number) => ({
    ...operatorCase('rope', ops.rope, { H: heads, F: 8 }),
    name: `rope_${type}_${heads}`,
  });
  const turns = { q: turn(4), k: turn(2) };
  const T = positions.length;
  const batch = { cuSeqlens: [...positions.keys(), T], contextLens: positions.map((position) => position + 1) };
  return {
    title: table.name,
    programs: [table, turns.q, turns.k],
    run: (launch) => {
      const { cosine, sine } = launch(
        table,
        { T },
        { inverseFrequency: tensorOf(outputs, 'inverse_frequency').data },
        batch,
      );
      for (const name of ['q', 'k'] as const) {
        const { data: x } = tensorOf(inputs, name);
        const rotated = launch(turns[name], { T }, { x, cosine: numbers(cosine), sine: numbers(sine) });
        expectClose(rotated.y, outputs[name], 5000 * 2 ** -24);
      }
    },
  };
}

function attention({ attrs, inputs, outputs }: GoldenCase): Check {
  const { heads: HQ = 0, kv_heads: HK = 0, head_dim: D = 0, scale = 0 } = attrs;
  const store = operatorCase('storeKv', ops.storeKv, { HK, D });
  const attend = operatorCase('pagedAttention', ops.pagedAttention, { HQ, HK, D }, { scale });
  const { data: lengths } = tensorOf(inputs, 'new');
  const { data: cached } = tensorOf(inputs, 'cached');
  const contextLens = lengths.map((length, s) => length + (cached[s] ?? 0));
  // A block for each run of 64 positions, in an order that is not the sequences'.
  const blockTable = lengths.length === 2 ? [[2], [1, 0]] : [[1], [2], [0]];
  const shared = { contextLens, blockTable, blockSize: 64 };
  const empty = () => new Float64Array(3 * 64 * HK * D).fill(Number.NaN);
  return {
    title: attend.name,
    programs: [store, attend],
    run: (launch) => {
      const { q, k, v } = dataOf(inputs);
      const everyKey: Batch = { ...shared, cuSeqlens: sums(contextLens) };
      const cache = { fields: { k: empty(), v: empty() } };
      const keys = (k?.length ?? 0) / (HK * D);
      const { kv } = launch(store, { T: keys }, { k: k ?? [], v: v ?? [], kv: cache }, everyKey);
      if (kv === undefined) throw new Error('store_kv gives no cache');
      const batch: Batch = { ...shared, cuSeqlens: sums(lengths) };
      expectClose(launch(attend, { T: (q?.length ?? 0) / (HQ * D) }, { q: q ?? [], kv }, batch).o, outputs.o);
    },
  };
}

function penalties({ attrs, inputs, outputs }: GoldenCase): Check {
  const { data: logits } = tensorOf(inputs, 'logits');
  const V = logits.length;
  const program = operatorCase('penalize', ops.penalize, { V });
  const values = penaltyInputs(logits, tensorOf(inputs, 'output_ids').data, attrs);
  return {
    title: `penalties ${JSON.stringify(attrs)}`,
    programs: [program],
    run: (launch) => expectClose(launch(program, { R: 1, S: 2 }, values).y, outputs.logits),
  };
}

function logSoftmax({ inputs, outputs }: GoldenCase): Check {
  const { data: logits } = tensorOf(inputs, 'logits');
  const V = logits.length;
  const programs = [
    operatorCase('logSumExp', ops.logSumExp, { V }),
    operatorCase('tokenLogprob', ops.tokenLogprob, { V }),
  ];
  return {
    title: 'log_softmax, for the token drawn and for a target',
    programs,
    run: (launch) => {
      const rows = Array.from({ length: V }, () => logits).flat();
      const normalizer = numbers(launch(programs[0], { R: V }, { x: rows }).y);
      const each = [...logits.keys()];
      const none = each.map(() => -1);
      const zeros = each.map(() => 0);
      const logprobs = (token: readonly number[], targets: readonly number[]) =>
        launch(programs[1], { R: V }, { logits: rows, normalizer, token, targets }).logprob;
      expectClose(logprobs(each, none), outputs.logprob);
      expectClose(logprobs(zeros, each), outputs.logprob);
    },
  };
}

function dataOf(inputs: GoldenCase['inputs']): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(Object.keys(inputs).map((name) => [name, tensorOf(inputs, name).data]));
}

function sums(lengths: readonly number[]): readonly number[] {
  const starts = [0];
  for (const length of lengths) starts.push((starts.at(-1) ?? 0) + length);
  return starts;
}

function numbers(value: EvaluatedValue | undefined): Float64Array | Int32Array {
  if (value === undefined || 'fields' in value) throw new Error('the output is no dense tensor');
  return value;
}

function expectClose(
  found: EvaluatedValue | ArrayLike<number> | undefined,
  expected: GoldenTensor | undefined,
  bound?: number,
): void {
  if (found === undefined || 'fields' in found || expected === undefined) throw new Error('a tensor is missing');
  expect(relativeError(found, expected.data)).toBeLessThanOrEqual(bound ?? relativeBound('f32', found.length));
}
