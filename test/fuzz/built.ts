/** Compiled programs as libraries for a target, all rendered and built together. */
import { build } from '../../codegen/build/build.ts';
import { findCompilers } from '../../codegen/build/compilers.ts';
import { DEFAULT_ARCHITECTURES } from '../../codegen/build/nvcc.ts';
import { renderLibrary } from '../../codegen/render/cpu/library.ts';
import { renderCudaLibrary } from '../../codegen/render/cuda/library.ts';
import type { FloatType } from '../../dsl/lang/rounding.ts';
import { openLibrary } from '../../runtime/native.ts';
import { elementsOf } from '../../verify/operator-library.ts';
import { GraphLibrary } from '../support/graph-library.ts';
import { simulated } from '../support/simulation.ts';
import { type Accepted, messageOf } from './compiled.ts';

export const targets = ['cpu', 'simt'] as const;
/** `cuda` is a GPU that is there. */
export type Target = (typeof targets)[number] | 'cuda';

/** Whether libraries are built as a user's are, or sooner done by a compiler that does not optimize. */
export type Optimization = 'product' | 'none';

/**
 * One library of all, with the programs that are in it; where it cannot be built, one of each half, down to the programs at fault.
 */
export async function buildBatch(
  accepted: readonly Accepted[],
  settings: BuildSettings,
): Promise<
  readonly { readonly programs: readonly Accepted[]; readonly library: GraphLibrary | { readonly reason: string } }[]
> {
  if (accepted.length === 0) return [];
  const library = await buildAll(accepted, settings);
  if (library instanceof GraphLibrary || accepted.length === 1) return [{ programs: accepted, library }];
  const middle = accepted.length >> 1;
  return [
    ...(await buildBatch(accepted.slice(0, middle), settings)),
    ...(await buildBatch(accepted.slice(middle), settings)),
  ];
}

export interface BuildSettings {
  readonly element: FloatType;
  readonly blockSize: number;
  readonly target: Target;
  readonly optimization: Optimization;
}

async function buildAll(
  accepted: readonly Accepted[],
  { element, blockSize, target, optimization }: BuildSettings,
): Promise<GraphLibrary | { readonly reason: string }> {
  const settings = { elements: elementsOf(element), blockSize, model: null, checked: false };
  const all = accepted.flatMap(({ built, others }) => [built, ...others]);
  const units = all.map(({ unit }) => unit);
  const architectures = { cpu: [], simt: simulated.architectures, cuda: DEFAULT_ARCHITECTURES }[target];
  try {
    const rendered =
      target === 'cpu'
        ? renderLibrary(units, { ...settings, architectures })
        : renderCudaLibrary(units, { ...settings, architectures });
    const built = await build(rendered, {}, compilersFor(target, architectures, optimization));
    if (!built.ok) return { reason: built.message };
    const graphs = all.map(({ graph }) => graph);
    return new GraphLibrary(openLibrary(built.directory), graphs, element, blockSize);
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

async function compilersFor(target: Target, architectures: readonly string[], optimization: Optimization) {
  const found = await findCompilers(target === 'cpu' ? 'cpu' : 'cuda', architectures);
  if (!found.ok || optimization === 'product' || target === 'cuda') return found;
  const { flags, instrumentation } = found.toolchain;
  // The simulator is worth a little.
  const quick =
    target === 'simt'
      ? { flags: [...flags, '-O1'], instrumentation: [...instrumentation, '-O0'] }
      : { flags: [...flags, '-O0'] };
  return { ...found, toolchain: { ...found.toolchain, ...quick } };
}
