/**
 * What a verification runs: a library of the operators and an engine of the model for each element type. Either built now, or
 * prepared in a folder and carried to a machine that has no compiler.
 */
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { compileModel } from '../codegen/model.ts';
import type { FloatType } from '../dsl/lang/rounding.ts';
import { makeFolder } from '../runtime/make-folder.ts';
import { configTextOf } from '../runtime/model-location.ts';
import { checkOfWeightsAtHand } from '../runtime/weights-at-hand.ts';
import { verifiedCases } from './operators.ts';

export interface Prepared {
  readonly element: FloatType;
  /** Folders of the built libraries. */
  readonly operators: string;
  readonly model: string;
}

export interface PrepareOptions {
  readonly target: 'cpu' | 'cuda';
  readonly architectures?: readonly string[];
  readonly elements: readonly FloatType[];
  readonly onProgress?: (text: string) => void;
}

/** Builds what is to be verified, or takes it from the cache. Throws with what a compiler said. */
export async function prepare(checkpoint: string, options: PrepareOptions): Promise<readonly Prepared[]> {
  const { buildCases } = await import('./build-cases.ts');
  const { target, architectures, elements, onProgress } = options;
  const settings = { target, ...(architectures && { architectures }) };
  const prepared: Prepared[] = [];
  const model = { config: await configTextOf(checkpoint), onManifest: await checkOfWeightsAtHand(checkpoint) };
  for (const element of elements) {
    // First, since weights that do not fit are told before a compiler runs.
    onProgress?.(`building the model for ${element}`);
    const engine = await compileModel(checkpoint, { ...settings, ...model, elements: element, onProgress });
    onProgress?.(`building the operators for ${element}`);
    const operators = await buildCases([...verifiedCases.values()].flat(), element, settings);
    prepared.push({ element, operators, model: engine.directory });
  }
  return prepared;
}

/** Copies what was prepared into one folder. */
export async function store(prepared: readonly Prepared[], directory: string): Promise<void> {
  for (const { element, operators, model } of prepared) {
    await makeFolder(join(directory, element));
    await cp(operators, join(directory, element, 'operators'), { recursive: true });
    await cp(model, join(directory, element, 'model'), { recursive: true });
  }
}

/** What lies in such a folder, by element type. */
export function stored(directory: string, elements: readonly FloatType[]): readonly Prepared[] {
  return elements
    .map((element) => ({
      element,
      operators: join(directory, element, 'operators'),
      model: join(directory, element, 'model'),
    }))
    .filter(({ operators }) => existsSync(operators));
}
