/** What fused, told by the kernels that ran: the library counts launches, the manifest says what each computes. */
import { expect } from 'vitest';
import type { ManifestKernel } from '../../codegen/manifest.ts';
import { snakeCase } from '../../codegen/names.ts';
import * as library from '../../dsl/ops/index.ts';

/** Kernels of one launch, and how many the library counted. */
export interface Ran {
  readonly launches: number;
  readonly kernels: readonly ManifestKernel[];
}

interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The kernels that compute an operator: its name is part of theirs, whether it kept a loop of its own or moved into another's. */
export function kernelsOf({ kernels }: Ran, operator: string): readonly ManifestKernel[] {
  const own = kernels.flatMap(({ anchors }) => anchors.map((anchor) => anchor.split('.')[0] ?? ''));
  const known = [...new Set([operator, ...own, ...Object.keys(library)])].map(snakeCase);
  return kernels.filter(({ name }) => operatorsIn(name, known).includes(snakeCase(operator)));
}

/** `linear_silu_mul2` as `linear` and `silu_mul`: the longest known name at each place, and the number that keeps kernels apart. */
function operatorsIn(kernelName: string, known: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (let rest = kernelName; rest !== ''; ) {
    const fitting = known.filter((name) => rest.startsWith(name) && /^(_|\d*$)/.test(rest.slice(name.length)));
    const [longest] = fitting.sort((a, b) => b.length - a.length);
    if (longest === undefined) throw new Error(`${kernelName} is not made of the names of operators`);
    found.push(longest);
    rest = rest.slice(longest.length).replace(/^(_|\d*$)/, '');
  }
  return found;
}

/** Kernels by the layer of the model that they run in; those outside of layers under ''. */
export function kernelsByLayer(kernels: readonly ManifestKernel[]): ReadonlyMap<string, readonly ManifestKernel[]> {
  const layers = new Map<string, ManifestKernel[]>();
  for (const kernel of kernels) {
    const layer = /^layers\.\d+/.exec(kernel.label)?.[0] ?? '';
    layers.set(layer, [...(layers.get(layer) ?? []), kernel]);
  }
  return layers;
}

/**
 * `expect(ran).toFuse('a', 'b')`: every kernel that computes the last of the operators computes all of them, and as many kernels
 * ran as the manifest lists. The others may be called elsewhere too.
 */
function toFuse(ran: Ran, ...operators: readonly string[]): Matched {
  const counted = checkCounted(ran);
  if (counted) return counted;
  const sets = operators.map((operator) => new Set(kernelsOf(ran, operator)));
  const last = [...(sets.at(-1) ?? [])];
  const pass = last.length > 0 && last.every((kernel) => sets.every((set) => set.has(kernel)));
  const touched = ran.kernels.filter((kernel) => sets.some((set) => set.has(kernel)));
  return {
    pass,
    message: () => `${operators.join(', ')} ran ${pass ? 'fused' : 'apart'}:\n${listed(touched)}`,
  };
}

/** `expect(ran).maxKernelsPerLayer(7)`: launches that ran, less those outside of layers, by layer. */
function maxKernelsPerLayer(ran: Ran, most: number): Matched {
  const counted = checkCounted(ran);
  if (counted) return counted;
  const layers = kernelsByLayer(ran.kernels);
  const outside = layers.get('')?.length ?? 0;
  const numLayers = [...layers.keys()].filter((layer) => layer !== '').length;
  const perLayer = (ran.launches - outside) / numLayers;
  return {
    pass: numLayers > 0 && perLayer <= most,
    message: () => `${perLayer} launches a layer where ${most} were allowed:\n${listed(layers.get('layers.0') ?? [])}`,
  };
}

/** A manifest that lists more or fewer kernels than ran says nothing about what fused. */
function checkCounted({ launches, kernels }: Ran): Matched | null {
  if (launches === kernels.length) return null;
  return { pass: false, message: () => `${launches} kernels ran, the manifest lists ${kernels.length}` };
}

function listed(kernels: readonly ManifestKernel[]): string {
  return kernels.map(({ name, label, anchors }) => `  ${label} ${name}: ${anchors.join(', ')}`).join('\n');
}

expect.extend({ toFuse, maxKernelsPerLayer });

declare module 'vitest' {
  interface Matchers<T> {
    toFuse(...operators: readonly string[]): T;
    maxKernelsPerLayer(most: number): T;
  }
}
