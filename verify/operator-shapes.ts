/**
 * The feature shapes that the operator suite builds and runs. An operator of dsl/ops without an entry gets the sizes of
 * `defaultSizes` in turn for each of its feature dimensions, which is what a new elementwise operator needs.
 */
import { dimensionNames } from '../dsl/lang/declare.ts';
import type { Operator } from '../dsl/lang/operator.ts';
import { countNames, type OperatorCase, operatorCase } from './operator-library.ts';

type Sizes = Readonly<Record<string, number>>;

/** One element, below a vector, odd above one, many whole vectors. */
export const defaultSizes: readonly number[] = [1, 7, 33, 192];

const attentionSizes: readonly Sizes[] = [
  { HQ: 4, HK: 2, D: 40 },
  { HQ: 9, HK: 3, D: 64 },
  { HQ: 2, HK: 1, D: 80 },
  { HQ: 1, HK: 1, D: 128 },
  { HQ: 2, HK: 1, D: 256 },
  { HQ: 1, HK: 1, D: 16 },
  { HQ: 24, HK: 1, D: 8 },
  { HQ: 3, HK: 1, D: 7 },
];
const linearSizes: readonly Sizes[] = [
  { N: 1, K: 1 },
  { N: 3, K: 5 },
  { N: 33, K: 17 },
  { N: 96, K: 64 },
  { N: 130, K: 576 },
  { N: 8, K: 1536 },
];
const widths: readonly Sizes[] = [{ H: 1 }, { H: 7 }, { H: 33 }, { H: 128 }, { H: 576 }];
const vocabularies: readonly Sizes[] = [{ V: 1 }, { V: 7 }, { V: 40 }, { V: 259 }];
/** A row that a GPU gives to several blocks. */
const longRow: Sizes = { V: 20000 };
const tables: readonly Sizes[] = [
  { V: 5, H: 7 },
  { V: 300, H: 64 },
  { V: 64, H: 576 },
];

const sizesOf: Readonly<Record<string, readonly Sizes[]>> = {
  add: widths,
  addRmsNorm: widths,
  applyTemperature: vocabularies,
  countTokens: vocabularies,
  denseAttention: attentionSizes,
  embedding: tables,
  headNorm: [
    { H: 3, D: 7 },
    { H: 9, D: 64 },
    { H: 2, D: 128 },
  ],
  keepTokens: vocabularies,
  knownTokens: vocabularies,
  linear: linearSizes,
  linearBias: linearSizes,
  lmHead: [
    { V: 7, H: 33 },
    { V: 2048, H: 64 },
    { V: 259, H: 576 },
  ],
  logSumExp: [...vocabularies, { V: 2048 }, longRow],
  minP: vocabularies,
  pagedAttention: attentionSizes,
  penalize: [...vocabularies, { V: 2048 }],
  rmsNorm: widths,
  rope: [
    { H: 3, F: 4 },
    { H: 9, F: 32 },
    { H: 2, F: 40 },
    { H: 1, F: 5 },
  ],
  ropeTable: [{ F: 1 }, { F: 5 }, { F: 32 }],
  sample: [...vocabularies, { V: 2048 }, longRow],
  splitHeads: [
    { HQ: 9, HK: 3, D: 64 },
    { HQ: 2, HK: 1, D: 7 },
    { HQ: 1, HK: 1, D: 80 },
  ],
  storeKv: [
    { HK: 3, D: 64 },
    { HK: 1, D: 7 },
    { HK: 2, D: 80 },
  ],
  tokenLogprob: [...vocabularies, { V: 2048 }],
  topK: vocabularies,
  topLogprobs: [
    { V: 7, N: 3 },
    { V: 259, N: 20 },
  ],
  topP: vocabularies,
  topTokens: [
    { V: 1, N: 1 },
    { V: 7, N: 7 },
    { V: 40, N: 5 },
    { V: 2048, N: 20 },
    { ...longRow, N: 3 },
  ],
  vocabEmbedding: tables,
};

/** Attributes by name: what a model gives them, or a number that shows. */
const attrValues: Readonly<Record<string, (sizes: Sizes) => number>> = {
  eps: () => 1e-5,
  scale: ({ D }) => (D === undefined ? 1.25 : D ** -0.5),
  first: () => 3,
};

/** Every case of an operator; throws, with what to do, for one that the default sizes do not fit. */
export function casesOf(name: string, operator: Operator): readonly OperatorCase[] {
  const features = dimensionNames(operator.spec.dims).filter((dimension) => !countNames.includes(dimension));
  const all = sizesOf[name] ?? defaultSizes.map((_, first) => sizesFrom(features, first));
  const cases = all
    .filter((sizes) => operator.spec.where?.({ ...sizes, T: 1, B: 1, R: 1, S: 1 }).includes(false) !== true)
    .map((sizes) => operatorCase(name, operator, sizes, attrsOf(name, operator, sizes)));
  if (cases.length === 0)
    throw new Error(`no default size meets the where of ${name}: give it sizes in verify/operator-shapes.ts`);
  return cases;
}

function sizesFrom(features: readonly string[], first: number): Sizes {
  return Object.fromEntries(
    features.map((dimension, place) => [dimension, defaultSizes[(first + place) % defaultSizes.length] ?? 1]),
  );
}

function attrsOf(name: string, operator: Operator, sizes: Sizes): Sizes {
  const declared = Object.keys(operator.spec.attrs ?? {});
  return Object.fromEntries(
    declared.map((attr) => {
      const value = attrValues[attr];
      if (value === undefined)
        throw new Error(`no value for the attribute ${attr} of ${name}: give it one in verify/operator-shapes.ts`);
      return [attr, value(sizes)];
    }),
  );
}
