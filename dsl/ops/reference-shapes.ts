/**
 * One feature shape an operator, for the committed library in `generated/`: the sizes of the embedded model. Dimensions that are
 * left out are counts. An operator that is not listed is called with 256 for each of its feature dimensions.
 */
export interface ReferenceShape {
  readonly dims: Readonly<Record<string, number>>;
  readonly attrs?: Readonly<Record<string, number>>;
}

const eps = 1e-6;
const heads = { HQ: 4, HK: 2, D: 64 };
const vocabulary = { V: 2048 };

export const referenceShapes: Readonly<Record<string, ReferenceShape>> = {
  add: { dims: { H: 256 } },
  addRmsNorm: { dims: { H: 256 }, attrs: { eps } },
  applyTemperature: { dims: vocabulary },
  countTokens: { dims: vocabulary },
  denseAttention: { dims: heads, attrs: { scale: 0.125 } },
  embedding: { dims: { V: 2048, H: 256 } },
  geluTanhMul: { dims: { H: 640 } },
  headNorm: { dims: { H: 4, D: 64 }, attrs: { eps } },
  keepTokens: { dims: vocabulary },
  knownTokens: { dims: vocabulary },
  linear: { dims: { N: 512, K: 256 } },
  linearBias: { dims: { N: 512, K: 256 } },
  lmHead: { dims: { V: 2048, H: 256 } },
  logSumExp: { dims: vocabulary },
  minP: { dims: vocabulary },
  pagedAttention: { dims: heads, attrs: { scale: 0.125 } },
  penalize: { dims: vocabulary },
  rmsNorm: { dims: { H: 256 }, attrs: { eps } },
  rope: { dims: { H: 4, F: 32 } },
  ropeTable: { dims: { F: 32 }, attrs: { scale: 1 } },
  sample: { dims: vocabulary },
  selectRows: { dims: { H: 256 } },
  siluMul: { dims: { H: 640 } },
  splitHeads: { dims: heads },
  storeKv: { dims: { HK: 2, D: 64 } },
  tokenLogprob: { dims: vocabulary },
  topK: { dims: vocabulary },
  topLogprobs: { dims: { V: 2048, N: 20 } },
  topP: { dims: vocabulary },
  topTokens: { dims: { V: 2048, N: 20 } },
  vocabEmbedding: { dims: { V: 1024, H: 256 }, attrs: { first: 1024 } },
};
