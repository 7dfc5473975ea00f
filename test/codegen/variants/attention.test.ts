/**
 * A user's variants of attention, each an edit of one expression in a file of the user's own: both executions agree, and the
 * variant differs from what it was made of.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operator } from '../../../dsl/lang/operator.ts';
import type { Sequence } from '../../../verify/operator-draws.ts';
import {
  type OperatorCall,
  type OperatorCase,
  OperatorLibrary,
  operatorCase,
  runOracle,
} from '../../../verify/operator-library.ts';
import { relativeBound, relativeError } from '../../../verify/tolerances.ts';
import { attentionCall } from '../../support/attention-calls.ts';
import { simulated } from '../../support/simulation.ts';
import { type UserFolder, userFolder } from '../../support/user-folder.ts';
import { importUser, sourceFiles } from '../../support/user-sources.ts';

type Numbers = Readonly<Record<string, number>>;

interface Variant {
  readonly file: string;
  readonly operator: string;
  readonly sizes: readonly Numbers[];
  readonly attrs: readonly Numbers[];
}

const heads: readonly Numbers[] = [
  { HQ: 4, HK: 2, D: 16 },
  { HQ: 9, HK: 3, D: 20 },
];
const variants: readonly Variant[] = [
  { file: 'soft-cap.ts', operator: 'softCapAttention', sizes: heads, attrs: [{ scale: 0.5, cap: 2 }] },
  {
    file: 'window-range.ts',
    operator: 'windowRangeAttention',
    sizes: heads,
    attrs: [
      { scale: 0.25, window: 5 },
      { scale: 0.25, window: 70 },
      { scale: 0.25, window: 0 },
    ],
  },
  {
    file: 'window-mask.ts',
    operator: 'windowMaskAttention',
    sizes: heads,
    attrs: [
      { scale: 0.25, window: 5 },
      { scale: 0.25, window: 70 },
      { scale: 0.25, window: 0 },
    ],
  },
  { file: 'alibi.ts', operator: 'alibiAttention', sizes: heads, attrs: [{ scale: 0.25 }] },
  {
    file: 'value-width.ts',
    operator: 'valueWidthAttention',
    sizes: [
      { HQ: 4, HK: 2, D: 16, DV: 24 },
      { HQ: 3, HK: 1, D: 32, DV: 5 },
    ],
    attrs: [{ scale: 0.25 }],
  },
  {
    file: 'two-scores.ts',
    operator: 'twoScoreAttention',
    sizes: [
      { HQ: 4, HK: 4, D: 16, DR: 8 },
      { HQ: 6, HK: 2, D: 12, DR: 20 },
    ],
    attrs: [{ scale: 0.2 }],
  },
  { file: 'doubled-value.ts', operator: 'doubledValueAttention', sizes: heads, attrs: [{ scale: 0.25 }] },
  { file: 'dense-bidirectional.ts', operator: 'denseBidirectionalAttention', sizes: heads, attrs: [{ scale: 0.25 }] },
  {
    file: 'dense-causal.ts',
    operator: 'denseCausalAttention',
    sizes: [
      { HQ: 4, HK: 2, D: 16, DV: 24 },
      { HQ: 3, HK: 3, D: 9, DV: 9 },
    ],
    attrs: [{ scale: 0.5, cap: 3 }],
  },
];

/** Prefill, prefill behind a cached prefix and decode in one batch, with contexts on both sides of a block's end. */
const batches: readonly (readonly Sequence[])[] = [
  [
    { tokens: 3, cached: 0 },
    { tokens: 1, cached: 63 },
    { tokens: 9, cached: 60 },
    { tokens: 1, cached: 64 },
  ],
  [
    { tokens: 37, cached: 0 },
    { tokens: 0, cached: 0 },
    { tokens: 1, cached: 0 },
  ],
  [{ tokens: 1, cached: 130 }],
];

let folder: UserFolder;
let cases: ReadonlyMap<string, readonly OperatorCase[]>;
beforeAll(async () => {
  folder = userFolder(sourceFiles);
  const made = await Promise.all(
    variants.map(async (variant) => [variant.operator, await casesOf(variant, folder)] as const),
  );
  cases = new Map(made);
});
afterAll(() => folder.remove());

describe.each([
  { element: 'bf16', execution: 'on the CPU', target: {} },
  { element: 'f32', execution: 'on the CPU', target: {} },
  { element: 'bf16', execution: 'as CUDA C', target: simulated },
] as const)('in $element $execution', ({ element, target }) => {
  let library: OperatorLibrary;
  // The number of threads says nothing on a GPU.
  const threadCounts = 'target' in target ? [1] : [1, 2];
  beforeAll(async () => {
    const modules = variants.map(({ file }) => folder.file(file));
    library = await OperatorLibrary.build([...cases.values()].flat(), element, { modules, ...target });
  });

  test.each(variants)('$file gives what its source says', ({ operator }) => {
    for (const subject of cases.get(operator) ?? []) {
      for (const [seed, call] of callsOf(subject, element).entries()) {
        const expected = runOracle(subject, call, element);
        for (const threads of threadCounts) {
          const found = library.run(subject, call, threads);
          const error = relativeError(numbers(found.o), numbers(expected.o));
          const bound = relativeBound(element, numbers(expected.o).length);
          expect(error, `${subject.name}, batch ${seed}`).toBeLessThanOrEqual(bound);
        }
      }
    }
  });

  test('a window in the range and the same window as a mask give the same', () => {
    const [inRange, asMask] = ['windowRangeAttention', 'windowMaskAttention'].map((name) => cases.get(name) ?? []);
    expect(inRange?.length).toBeGreaterThan(0);
    for (const [place, subject] of (inRange ?? []).entries()) {
      const masked = asMask?.[place];
      if (!masked) throw new Error('both windows have the same cases');
      for (const call of callsOf(subject, element)) {
        const expected = numbers(library.run(masked, call).o);
        const error = relativeError(numbers(library.run(subject, call).o), expected);
        expect(error, subject.name).toBeLessThanOrEqual(relativeBound(element, expected.length));
      }
    }
  });

  test('a window of no position attends to nothing and gives zeros', () => {
    const empty = (cases.get('windowMaskAttention') ?? []).filter(({ attrs }) => attrs.window === 0);
    expect(empty.length).toBeGreaterThan(0);
    for (const subject of empty) {
      const [call] = callsOf(subject, element);
      if (call) expect(numbers(library.run(subject, call).o).every((value) => value === 0)).toBe(true);
    }
  });
});

test('each attribute and each term of a variant matters', () => {
  const differing = (name: string, change: Numbers) => {
    const [subject] = cases.get(name) ?? [];
    if (!subject) throw new Error(`there is no ${name}`);
    const [call] = callsOf(subject, 'f32');
    if (!call) throw new Error('there is a call');
    const changed = { ...subject, attrs: { ...subject.attrs, ...change } };
    return relativeError(numbers(runOracle(changed, call, 'f32').o), numbers(runOracle(subject, call, 'f32').o));
  };
  expect(differing('softCapAttention', { cap: 1000 })).toBeGreaterThan(0.01);
  expect(differing('windowMaskAttention', { window: 1000 })).toBeGreaterThan(0.01);
  expect(differing('windowRangeAttention', { window: 1000 })).toBeGreaterThan(0.01);
});

async function casesOf(
  { file, operator, sizes, attrs }: Variant,
  { file: path }: UserFolder,
): Promise<readonly OperatorCase[]> {
  const value = (await importUser(path(file)))[operator] as Operator;
  return sizes.flatMap((features) =>
    attrs.map((values) => {
      const made = operatorCase(operator, value, features, values);
      return values.window === undefined ? made : { ...made, name: `${made.name}_window${values.window}` };
    }),
  );
}

function callsOf(subject: OperatorCase, element: 'bf16' | 'f32'): readonly OperatorCall[] {
  return batches.map((sequences, seed) => attentionCall(subject, sequences, seed, element));
}

function numbers(value: ReturnType<typeof runOracle>[string] | undefined): Float64Array {
  if (value instanceof Float64Array) return value;
  throw new Error('an attention gives f64 numbers');
}
