/** Weights for tests: any tensor of a checkpoint by its name, reproducible and of a size that keeps activations near 1. */
import type { Graph } from '../../../dsl/index.ts';
import { uniform } from '../../../dsl/lang/philox.ts';

/** Every tensor that the segments of the graphs mention, whole; values uniform around 0, norms around 1. */
export function randomCheckpoint(graphs: readonly Graph[]): (tensor: string) => Float64Array {
  const sizes = new Map<string, { readonly rows: number; readonly columns: number }>();
  for (const { source } of graphs.flatMap(({ values }) => values)) {
    if (source.kind !== 'checkpoint') continue;
    for (const { tensor, totalRows, totalColumns } of source.segments) {
      sizes.set(tensor, { rows: totalRows, columns: totalColumns });
    }
  }
  const names = [...sizes.keys()].sort();
  const tensors = names.map((name, seed): [string, Float64Array] => {
    const { rows, columns } = sizes.get(name) ?? { rows: 0, columns: 0 };
    const centre = name.includes('norm') ? 1 : 0;
    const spread = centre === 1 ? 0.5 : (columns === 1 ? 1 : 3) / Math.sqrt(columns);
    const values = Float64Array.from(
      { length: rows * columns },
      (_, i) => centre + spread * (uniform(seed, 0, i) - 0.5),
    );
    return [name, values];
  });
  const byName = new Map(tensors);
  return (tensor) => {
    const found = byName.get(tensor);
    if (found === undefined) throw new Error(`no tensor ${tensor}`);
    return found;
  };
}

/** The sampler's inputs for rows that are greedy and use no penalties. */
export function greedyRows(rows: number) {
  const fill = (value: number) => new Array<number>(rows).fill(value);
  return {
    targets: fill(-1),
    temperature: fill(0),
    topP: fill(1),
    minP: fill(0),
    presencePenalty: fill(0),
    frequencyPenalty: fill(0),
    repetitionPenalty: fill(1),
    topK: fill(0),
    seed: fill(0),
    position: fill(0),
    stateRow: fill(0),
    usePenalties: fill(0),
    keptRow: fill(-1),
  };
}
