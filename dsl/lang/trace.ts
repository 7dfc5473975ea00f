/** Traces a model: runs its function on symbolic tensors and keeps the calls of operators in the order they were made. */
import type { Shape } from './declare.ts';
import { LanguageError } from './error.ts';
import type { Extent, Graph, GraphCall, GraphValue, StorageElement, ValueSource, WeightSegment } from './graph.ts';
import { SymbolicTensor } from './symbolic.ts';

/** The counts of a graph's one ragged batch; what a ragged pair is bound to where no shape says otherwise. */
export const raggedCounts = { tokens: 'T', sequences: 'B' } as const;

/**
 * The graph of a function over symbolic tensors; what the function returns are the graph's results by name.
 *
 * @throws LanguageError what a call of an operator throws: `shape`, `element`, `extent`, `dimension`, `where`, `no-input`, `state-outdated`.
 */
export function trace(name: string, build: (graph: GraphBuilder) => Readonly<Record<string, SymbolicTensor>>): Graph {
  const graph = new GraphBuilder();
  const results = Object.entries(build(graph)).map(([result, tensor]) => [result, tensor.value.id]);
  return { name, values: graph.values, calls: graph.calls, results: Object.fromEntries(results) };
}

/** What a model's function is given: the sources of values, and scopes that label its calls. */
export class GraphBuilder {
  readonly #values: GraphValue[] = [];
  readonly #calls: GraphCall[] = [];
  #label: readonly string[] = [];
  /** Of each version of a state: the state. */
  readonly #stateOf = new Map<number, number>();
  /** Of each state: its last version so far. */
  readonly #latest = new Map<number, number>();

  /** Those recorded so far, by id. */
  get values(): readonly GraphValue[] {
    return this.#values;
  }

  /** Those recorded so far, in data-flow order. */
  get calls(): readonly GraphCall[] {
    return this.#calls;
  }

  /**
   * Filled by the caller of each step.
   *
   * @throws LanguageError `name-taken`.
   */
  input(name: string, element: StorageElement, shape: readonly Extent[]): SymbolicTensor {
    return this.#declare({ kind: 'input', name }, element, shape);
  }

  /**
   * Row segments of the checkpoint's tensors, one after the other. Asking twice for a name gives the same value.
   *
   * @throws LanguageError `name-taken` for the same name in another shape.
   */
  checkpoint(
    name: string,
    element: StorageElement,
    shape: readonly number[],
    segments: readonly WeightSegment[],
  ): SymbolicTensor {
    const known = this.#values.find(({ source }) => source.kind === 'checkpoint' && source.name === name);
    if (known !== undefined && JSON.stringify(known.shape) === JSON.stringify(shape))
      return new SymbolicTensor(this, known);
    return this.#declare({ kind: 'checkpoint', name, segments }, element, shape);
  }

  /**
   * f32 values computed once, from the config; one axis.
   *
   * @throws LanguageError `name-taken`.
   */
  constant(name: string, data: readonly number[]): SymbolicTensor {
    return this.#declare({ kind: 'constant', name, data }, 'f32', [data.length]);
  }

  /**
   * A tensor that lives across steps, zeros at first.
   *
   * @throws LanguageError `name-taken`.
   */
  state(name: string, element: StorageElement, shape: readonly Extent[]): SymbolicTensor {
    return this.#declare({ kind: 'state', name }, element, shape);
  }

  /**
   * A paged cache that lives across steps, with the shape of one row of each field.
   *
   * @throws LanguageError `name-taken`.
   */
  paged(name: string, fields: Readonly<Record<string, Shape>>): SymbolicTensor {
    return this.#declare({ kind: 'state', name }, 'cache', [], fields);
  }

  /**
   * Another shape of a value's memory; a view of a view is one of the value itself.
   *
   * @throws LanguageError `reshape` for a shape of more or fewer elements, and for a paged cache.
   */
  view(tensor: SymbolicTensor, shape: readonly Extent[]): SymbolicTensor {
    const { value } = tensor;
    if (value.paged !== null || elementsOf(value.shape) !== elementsOf(shape)) {
      throw new LanguageError(
        'reshape',
        `a value of shape [${value.shape.join(', ')}] has no view of shape [${shape.join(', ')}]`,
        'Give a shape of as many elements, with the same counts.',
      );
    }
    return this.add(
      { kind: 'view', of: value.source.kind === 'view' ? value.source.of : value.id },
      value.element,
      shape,
    );
  }

  /** Calls made inside carry the label, below those of the scopes around: `layers.3` and `mlp` make `layers.3.mlp`. */
  scope<Result>(label: string, build: () => Result): Result {
    const outer = this.#label;
    this.#label = [...outer, label];
    try {
      return build();
    } finally {
      this.#label = outer;
    }
  }

  /** The path of the scopes that are open, such as `layers.3.mlp`. */
  get label(): string {
    return this.#label.join('.');
  }

  /** A new value; used by calls of operators, which record themselves with `record`. */
  add(
    source: ValueSource,
    element: StorageElement,
    shape: readonly Extent[],
    paged: Readonly<Record<string, Shape>> | null = null,
  ): SymbolicTensor {
    const value: GraphValue = { id: this.#values.length, element, shape, paged, source };
    this.#values.push(value);
    return new SymbolicTensor(this, value);
  }

  /**
   * Keeps a call, with its id and the label of the scopes around.
   *
   * @throws LanguageError `state-outdated` for a call that reads a state as it was before a later write: a state is updated in place.
   */
  record(call: Omit<GraphCall, 'id' | 'label'>): void {
    for (const [name, id] of Object.entries(call.inputs)) this.#requireLatest(name, id, call);
    for (const [name, id] of Object.entries(call.outputs)) {
      const before = call.inputs[name];
      if (before === undefined || !isState(call, name)) continue;
      const state = this.#stateOf.get(before) ?? before;
      this.#stateOf.set(id, state);
      this.#latest.set(state, id);
    }
    this.#calls.push({ ...call, id: this.#calls.length, label: this.label });
  }

  #requireLatest(name: string, id: number, call: Omit<GraphCall, 'id' | 'label'>): void {
    const latest = this.#latest.get(this.#stateOf.get(id) ?? id);
    if (latest === undefined || latest === id) return;
    throw new LanguageError(
      'state-outdated',
      `the operator of ${call.operator.definedAt()} is given ${name} as it was before an operator that wrote it`,
      'Give the version that the last operator to write it returned.',
    );
  }

  #declare(
    source: Exclude<ValueSource, { kind: 'call' | 'view' }>,
    element: StorageElement,
    shape: readonly Extent[],
    paged: Readonly<Record<string, Shape>> | null = null,
  ): SymbolicTensor {
    const taken = this.#values.some(
      (value) => value.source.kind === source.kind && 'name' in value.source && value.source.name === source.name,
    );
    if (taken) {
      throw new LanguageError(
        'name-taken',
        `the ${source.kind} ${source.name} is declared twice`,
        'Give each its own name.',
      );
    }
    return this.add(source, element, shape, paged);
  }
}

/** Whether the call's output is the next version of a state; that does not depend on the dimensions. */
function isState({ operator, dims }: Omit<GraphCall, 'id' | 'label'>, output: string): boolean {
  const declared = operator.spec.outputs(Object.fromEntries(Object.keys(dims).map((name) => [name, 1])))[output];
  return declared?.kind === 'paged' || declared?.state === true;
}

/** Counts in order, and the product of the constants: equal for shapes of as many elements. */
function elementsOf(shape: readonly Extent[]): string {
  const counts = shape.filter((extent) => typeof extent === 'string').sort();
  const size = shape.reduce<number>((product, extent) => (typeof extent === 'number' ? product * extent : product), 1);
  return [...counts, size].join('*');
}
