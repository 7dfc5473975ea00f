/** What a step of a decoder must read and multiply at least, from the shapes of its config. */
import type { ModelConfig } from '../dsl/models/index.ts';

export interface StepShape {
  /** Tokens computed before each sequence's own of this step. */
  readonly cachedPerSequence: number;
  readonly tokensPerSequence: number;
  readonly sequences: number;
}

const ELEMENT_BYTES = 2;

/** Bytes: each weight once, the cache of each sequence once, the embedding's rows. Activations stay in caches. */
export function stepBytes(config: ModelConfig, { cachedPerSequence, tokensPerSequence, sequences }: StepShape): number {
  const cacheElements = 2 * config.numKvHeads * config.headDim * config.numLayers;
  const positions = cachedPerSequence + tokensPerSequence;
  const embedded = sequences * tokensPerSequence * config.hiddenSize;
  return (
    ELEMENT_BYTES *
    (config.numLayers * layerElements(config) + headElements(config) + embedded + sequences * positions * cacheElements)
  );
}

/** Multiplications and additions of the products: projections of every token, logits of one row a sequence, attention. */
export function stepFlops(config: ModelConfig, { cachedPerSequence, tokensPerSequence, sequences }: StepShape): number {
  const tokens = sequences * tokensPerSequence;
  // A token sees all positions before it and itself.
  const pairs = tokens * cachedPerSequence + (sequences * tokensPerSequence * (tokensPerSequence + 1)) / 2;
  const attention = 2 * config.numHeads * config.headDim * config.numLayers * pairs;
  return 2 * (tokens * config.numLayers * layerElements(config) + sequences * headElements(config) + attention);
}

function layerElements({ hiddenSize, intermediateSize, numHeads, numKvHeads, headDim }: ModelConfig): number {
  const projections = (2 * numHeads + 2 * numKvHeads) * headDim;
  return hiddenSize * (projections + 3 * intermediateSize);
}

function headElements({ vocabSize, hiddenSize }: ModelConfig): number {
  return vocabSize * hiddenSize;
}
