/** What each launch of an engine's step must move and compute at least, by the expressions of its kernel. */
import { kernelCost } from '../codegen/cost.ts';
import { compileSource } from '../codegen/emit.ts';
import { kernelForms } from '../codegen/kernel-forms.ts';
import type { ManifestKernel } from '../codegen/manifest.ts';
import type { StepShape } from './cost.ts';

export interface LaunchCost {
  readonly bytes: number;
  readonly flops: number;
}

/** For a shape of step, the costs of its launches by their place: those of a kernel at each of its forms. */
export type CostsOf = (shape: StepShape) => ReadonlyMap<number, LaunchCost>;

/** Compiles the checkpoint's model anew, to its kernels: an engine holds the functions that they became alone. */
export async function launchCosts(
  checkpoint: string,
  target: 'cpu' | 'cuda',
  launches: readonly ManifestKernel[],
): Promise<CostsOf> {
  const { units } = await compileSource(checkpoint, { target });
  const [unit] = units;
  if (!unit) throw new Error('a model has one program');
  const { lowered, program } = unit;
  const place = new Map(launches.map((launch, index) => [launch, index]));
  const forms = kernelForms(lowered.kernels, launches).map((own) => own.map((form) => place.get(form) ?? -1));
  return (shape) => {
    const costs = new Map<number, LaunchCost>();
    lowered.kernels.forEach((kernel, index) => {
      const cost = kernelCost(kernel, program);
      const { tokens, keys, pairs } = countsOf(shape);
      const rows = cost.rows === 'R' ? shape.sequences : tokens;
      const read = kernel.kind === 'attend' ? keys * cost.bytesPerKey : 0;
      const flops = kernel.kind === 'attend' ? pairs * cost.flopsPerRow : rows * cost.flopsPerRow;
      // One object for all forms of a kernel, which tells the launches that share it.
      const all = { bytes: cost.fixedBytes + rows * cost.bytesPerRow + read, flops };
      for (const form of forms[index] ?? []) costs.set(form, all);
    });
    return costs;
  };
}

/** Tokens of a step, positions of all sequences behind it, and pairs of a token with a position that it sees. */
function countsOf({ sequences, cachedPerSequence, tokensPerSequence }: StepShape) {
  const tokens = sequences * tokensPerSequence;
  return {
    tokens,
    keys: sequences * (cachedPerSequence + tokensPerSequence),
    pairs: tokens * cachedPerSequence + (sequences * tokensPerSequence * (tokensPerSequence + 1)) / 2,
  };
}
