/** The oracle of whole graphs: runs the calls of one step through `evaluate`, for all ranks of a tensor-parallel group. */
import type { Batch } from './batch.ts';
import { LanguageError } from './error.ts';
import { type ElementTypes, evaluate } from './evaluate.ts';
import type { Extent, Graph, GraphValue, WeightSegment } from './graph.ts';
import { roundTo } from './rounding.ts';
import { type EvaluatedValue, sizeOf, type Value } from './values.ts';

/** What a step of a graph is evaluated on: counts, inputs and the checkpoint, as flat row-major arrays. */
export interface StepEvaluation {
  /** T tokens, R rows of logits, S rows of state and whatever other counts the graph has; B is the batch's. */
  readonly counts: Readonly<Record<string, number>>;
  /** By name, flat and row-major in the elements of the graph's shapes. */
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
  /** A tensor of the checkpoint, whole and row-major. */
  readonly checkpoint: (tensor: string) => ArrayLike<number>;
  /** The sequences that the tokens belong to; needed where an operator asks about them. */
  readonly batch?: Batch;
  /** Positions in all that each paged cache has; needed where the graph has one. */
  readonly cacheSlots?: number;
  /** By rank, then by name: what an earlier step left. A state that is missing is all zeros. */
  readonly states?: readonly Readonly<Record<string, Value>>[];
  /** bf16 unless given. */
  readonly elements?: Partial<ElementTypes>;
}

/** What a step of all ranks computed. */
export interface EvaluatedStep {
  /** By rank. */
  readonly results: readonly Readonly<Record<string, EvaluatedValue>>[];
  /** By rank: every state as the step leaves it. */
  readonly states: readonly Readonly<Record<string, Value>>[];
}

/**
 * One step of the graphs of all ranks, which make the same calls; the collectives run after each of them.
 *
 * @throws LanguageError `step-input` for an input or a tensor that the step is not given, and what `evaluate` throws.
 */
export function evaluateRanks(graphs: readonly Graph[], step: StepEvaluation): EvaluatedStep {
  const ranks = graphs.map((graph, rank) => new RankValues(graph, step, step.states?.[rank] ?? {}));
  const [first] = graphs;
  for (const { collective, outputs } of first?.calls ?? []) {
    const id = ranks[0]?.done ?? 0;
    for (const rank of ranks) rank.run(id);
    if (collective === 'none') continue;
    for (const name of Object.keys(outputs)) {
      const parts = ranks.map((rank) => rank.output(id, name));
      const joined = collective === 'allReduce' ? sumOf(parts) : gather(parts, ranks[0]?.rowsOf(id, name) ?? 1);
      for (const rank of ranks) rank.replace(id, name, joined);
    }
  }
  return { results: ranks.map((rank) => rank.results()), states: ranks.map((rank) => rank.states()) };
}

/**
 * One step of a graph for one rank: its results by name.
 *
 * @throws LanguageError as `evaluateRanks` does.
 */
export function evaluateGraph(graph: Graph, step: StepEvaluation): Readonly<Record<string, EvaluatedValue>> {
  return evaluateRanks([graph], step).results[0] ?? {};
}

class RankValues {
  readonly #graph: Graph;
  readonly #step: StepEvaluation;
  readonly #values = new Map<number, Value>();
  /** The latest version of each state: name to value id. */
  readonly #latest = new Map<string, number>();
  done = 0;

  constructor(graph: Graph, step: StepEvaluation, states: Readonly<Record<string, Value>>) {
    this.#graph = graph;
    this.#step = step;
    for (const value of graph.values) {
      const { source } = value;
      if (source.kind === 'input') this.#values.set(value.id, required(step.inputs, source.name));
      if (source.kind === 'checkpoint') this.#values.set(value.id, this.#weight(source.segments));
      if (source.kind === 'constant') this.#values.set(value.id, source.data.map(Math.fround));
      if (source.kind !== 'state') continue;
      this.#values.set(value.id, states[source.name] ?? this.#zeros(value));
      this.#latest.set(source.name, value.id);
    }
  }

  run(id: number): void {
    const call = this.#graph.calls[id];
    if (call === undefined) throw new Error(`there is no call ${id}`);
    const inputs = Object.entries(call.inputs).map(([name, value]) => [name, this.#valueOf(value)]);
    const outputs = evaluate(call.operator, {
      dims: Object.fromEntries(Object.entries(call.dims).map(([name, extent]) => [name, this.#sizeOf(extent)])),
      inputs: Object.fromEntries(inputs),
      attrs: call.attrs,
      ...(this.#step.batch && { batch: this.#step.batch }),
      ...(this.#step.elements && { elements: this.#step.elements }),
    });
    for (const [name, value] of Object.entries(call.outputs)) {
      this.#values.set(value, required(outputs, name));
      const before = call.inputs[name];
      const state = [...this.#latest].find(([, latest]) => latest === before);
      if (state !== undefined) this.#latest.set(state[0], value);
    }
    this.done = id + 1;
  }

  output(call: number, name: string): ArrayLike<number> {
    const value = this.#valueOf(this.#graph.calls[call]?.outputs[name] ?? -1);
    if ('fields' in value) throw new Error('a cache takes part in no collective');
    return value;
  }

  rowsOf(call: number, name: string): number {
    const shape = this.#graph.values[this.#graph.calls[call]?.outputs[name] ?? -1]?.shape ?? [];
    return sizeOf(shape.slice(0, -1).map((extent) => this.#sizeOf(extent)));
  }

  replace(call: number, name: string, value: readonly number[]): void {
    const id = this.#graph.calls[call]?.outputs[name] ?? -1;
    const element = this.#graph.values[id]?.element ?? 'f32';
    const type = element === 'f32' || element === 'i32' ? element : (this.#step.elements?.[element] ?? 'bf16');
    this.#values.set(
      id,
      value.map((number) => roundTo(type, number)),
    );
  }

  results(): Readonly<Record<string, EvaluatedValue>> {
    const results = Object.entries(this.#graph.results).map(([name, id]): [string, EvaluatedValue] => {
      const value = this.#valueOf(id);
      if ('fields' in value) throw new Error(`the result ${name} is a cache`);
      return [name, this.#graph.values[id]?.element === 'i32' ? Int32Array.from(value) : Float64Array.from(value)];
    });
    return Object.fromEntries(results);
  }

  states(): Readonly<Record<string, Value>> {
    return Object.fromEntries([...this.#latest].map(([name, id]) => [name, this.#valueOf(id)]));
  }

  #valueOf(id: number): Value {
    const source = this.#graph.values[id]?.source;
    const value = this.#values.get(source?.kind === 'view' ? source.of : id);
    if (value === undefined) throw new Error(`value ${id} is used before it is made`);
    return value;
  }

  #sizeOf(extent: Extent): number {
    return typeof extent === 'number'
      ? extent
      : required({ B: this.#step.batch?.contextLens.length ?? 0, ...this.#step.counts }, extent);
  }

  #weight(segments: readonly WeightSegment[]): Float64Array {
    const type = this.#step.elements?.weight ?? 'bf16';
    const rows = segments.flatMap((segment) => {
      const whole = this.#step.checkpoint(segment.tensor);
      return Array.from({ length: segment.rows }, (_, row) => {
        const start = (segment.rowStart + row) * segment.totalColumns + segment.columnStart;
        return Array.from({ length: segment.columns }, (_, column) =>
          roundTo(type, whole[start + column] ?? Number.NaN),
        );
      });
    });
    return Float64Array.from(rows.flat());
  }

  #zeros(value: GraphValue): Value {
    if (value.paged === null) return new Float64Array(sizeOf(value.shape.map((extent) => this.#sizeOf(extent))));
    const slots = this.#step.cacheSlots ?? 0;
    return {
      fields: Object.fromEntries(
        Object.entries(value.paged).map(([field, row]) => [field, new Float64Array(slots * sizeOf(row))]),
      ),
    };
  }
}

function sumOf(parts: readonly ArrayLike<number>[]): readonly number[] {
  return Array.from({ length: parts[0]?.length ?? 0 }, (_, i) =>
    parts.reduce((total, part) => total + (part[i] ?? Number.NaN), 0),
  );
}

/** The parts' rows, one part after the other within each row. */
function gather(parts: readonly ArrayLike<number>[], rows: number): readonly number[] {
  return Array.from({ length: rows }, (_, row) =>
    parts.flatMap((part) => {
      const width = part.length / rows;
      return Array.from(part).slice(row * width, (row + 1) * width);
    }),
  ).flat();
}

function required<T>(record: Readonly<Record<string, T>>, name: string): T {
  const value = record[name];
  if (value !== undefined) return value;
  throw new LanguageError('step-input', `the step is given no ${name}`, `Give ${name}.`);
}
