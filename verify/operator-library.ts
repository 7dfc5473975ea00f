/**
 * Operators as programs of one built library: each case (an operator with its feature dimensions and attributes bound) can be
 * run alone, on the same values as the oracle. Building is one call of the compiler however many cases there are.
 */
import type { CompileOptions } from '../codegen/compile.ts';
import type { Batch } from '../dsl/lang/batch.ts';
import type { DeclaredElement, Ragged, TensorDeclaration } from '../dsl/lang/declare.ts';
import { evaluate } from '../dsl/lang/evaluate.ts';
import type { Operator } from '../dsl/lang/operator.ts';
import type { FloatType, StorageType } from '../dsl/lang/rounding.ts';
import type { EvaluatedValue, Value } from '../dsl/lang/values.ts';
import { NO_BATCH, type RaggedBatch } from '../runtime/descriptor.ts';
import { type NativeLibrary, openLibrary } from '../runtime/native.ts';
import { Program, type TensorData } from '../runtime/program.ts';
import { fromPages, fromStorage, poisoned, product, slotsOf, toPages, toStorage } from './tensors.ts';

/** The counts of a step; every other dimension is a feature, constant in a built library. */
export const countNames: readonly string[] = ['T', 'B', 'R', 'S'];

type Numbers = Readonly<Record<string, number>>;

export interface OperatorCase {
  /** Unique in a library; the name of the program. */
  readonly name: string;
  readonly operator: Operator;
  /** Every dimension that is no count. */
  readonly features: Numbers;
  readonly attrs: Numbers;
}

/** One launch: the same for both executions. */
export interface OperatorCall {
  /** Every count but the number of sequences, which the batch gives. */
  readonly counts: Numbers;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly batch?: Batch;
}

export type Outputs = Readonly<Record<string, EvaluatedValue>>;

/** `siluMul_H33`, with the attributes too where the caller says so by `suffix`. */
export function operatorCase(name: string, operator: Operator, features: Numbers, attrs: Numbers = {}): OperatorCase {
  const sizes = Object.entries(features).map(([dimension, extent]) => `_${dimension}${extent}`);
  return { name: `${name}${sizes.join('')}`, operator, features, attrs };
}

export interface OperatorLibraryOptions extends Pick<CompileOptions, 'target' | 'architectures'> {
  readonly blockSize?: number;
  /** The files that declare the operators; those of dsl/ops unless given. */
  readonly modules?: readonly string[];
}

export class OperatorLibrary {
  readonly #library: NativeLibrary;
  readonly element: FloatType;
  readonly blockSize: number;

  /** `directory`: a built library that has the cases as programs of their names. */
  constructor(directory: string, element: FloatType, blockSize = 64) {
    this.#library = openLibrary(directory);
    this.element = element;
    this.blockSize = blockSize;
  }

  /** Compiles and builds all cases, those of one name once; throws with the diagnostics where one cannot be. */
  static async build(
    cases: readonly OperatorCase[],
    element: FloatType,
    options: OperatorLibraryOptions = {},
  ): Promise<OperatorLibrary> {
    // The compiler is not there where a built library is verified.
    const { buildCases } = await import('./build-cases.ts');
    return new OperatorLibrary(await buildCases(cases, element, options), element, options.blockSize);
  }

  /** Runs the compiled case. Outputs are poisoned before; a state is written in a copy of its input. */
  run(subject: OperatorCase, call: OperatorCall, threads = 1): Outputs {
    const dims = dimsOf(subject, call);
    const { inputs, outputs } = subject.operator.spec;
    const declared = inputs(dims);
    const paged = Object.entries(declared).find(([, declaration]) => declaration.kind === 'paged');
    const numBlocks = paged ? this.#slots(paged[1], call.inputs[paged[0]]) / this.blockSize : 0;
    const batch = raggedBatch(call.batch, paged !== undefined);
    const program = new Program(this.#library, subject.name, {
      threads,
      capacities: dims,
      blocksPerSequence: batch.contextLens.length === 0 ? 0 : batch.blockTable.length / batch.contextLens.length,
      numBlocks,
    });
    try {
      const bound = new Map<string, TensorData>();
      for (const [name, declaration] of Object.entries(declared))
        bound.set(name, this.#bits(name, declaration, call.inputs[name]));
      for (const [name, declaration] of Object.entries(outputs(dims))) {
        if (!bound.has(name) && declaration.kind === 'dense')
          bound.set(name, poisoned(storageOf(declaration.element, this.element), product(declaration.shape)));
      }
      // An input that nothing reads is no tensor of the program.
      const names = new Set([
        ...program.manifest.values.map((value) => value.name),
        ...Object.keys(program.manifest.results),
      ]);
      program.bind(Object.fromEntries([...bound].filter(([name]) => names.has(name))));
      program.launch(dims, batch);
      const results = Object.entries(outputs(dims)).map(([name, declaration]) => {
        const data = bound.get(name);
        if (!data) throw new Error(`${subject.name} has no output ${name}`);
        return [name, this.#numbers(declaration, data, call.inputs[name])] as const;
      });
      return Object.fromEntries(results);
    } finally {
      program.close();
    }
  }

  #bits(name: string, declaration: TensorDeclaration, value: Value | undefined): TensorData {
    if (declaration.kind === 'paged') {
      if (value === undefined || !('fields' in value)) throw new Error(`${name} is a cache`);
      return toStorage(this.element, toPages(declaration, value, this.blockSize));
    }
    if (value === undefined || 'fields' in value) throw new Error(`${name} is not given`);
    return toStorage(storageOf(declaration.element, this.element), value);
  }

  #numbers(declaration: TensorDeclaration, data: TensorData, like: Value | undefined): EvaluatedValue {
    if (declaration.kind === 'dense') return fromStorage(storageOf(declaration.element, this.element), data);
    if (like === undefined || !('fields' in like)) throw new Error('a cache among the outputs is one among the inputs');
    return fromPages(declaration, fromStorage(this.element, data), like, this.blockSize);
  }

  #slots(declaration: TensorDeclaration, value: Value | undefined): number {
    return declaration.kind === 'paged' && value !== undefined && 'fields' in value ? slotsOf(declaration, value) : 0;
  }
}

/** The author's own function in Node, on the same call. */
export function runOracle(subject: OperatorCase, call: OperatorCall, element: FloatType): Outputs {
  return evaluate(subject.operator, {
    dims: dimsOf(subject, call),
    inputs: call.inputs,
    attrs: subject.attrs,
    elements: elementsOf(element),
    ...(call.batch && { batch: call.batch }),
  });
}

/** What a declared element is stored as where act, weight and cache are bound to one type. */
export function storageOf(declared: DeclaredElement, element: FloatType): StorageType {
  return declared === 'f32' || declared === 'i32' ? declared : element;
}

export function elementsOf(element: FloatType) {
  return { act: element, weight: element, cache: element } as const;
}

/** Every dimension of a call. */
export function dimsOf(subject: OperatorCase, call: Pick<OperatorCall, 'counts' | 'batch'>): Numbers {
  const sequences = raggedAxis(subject.operator)?.sequences;
  const ofBatch = sequences === undefined ? {} : { [sequences]: call.batch?.contextLens.length ?? 0 };
  return { ...subject.features, ...call.counts, ...ofBatch };
}

/** Null where the operator has none. */
export function raggedAxis({ spec }: Operator): Ragged | null {
  return spec.dims.find((dim) => typeof dim !== 'string') ?? null;
}

/** The batch as the runtime packs it; entries of a block table that no position needs name no block. */
export function raggedBatch(batch: Batch | undefined, hasCache: boolean): RaggedBatch {
  if (!batch) return NO_BATCH;
  const table = hasCache ? (batch.blockTable ?? []) : [];
  const blocks = Math.max(0, ...table.map((row) => row.length));
  const rows = table.map((row) => [...row, ...new Array<number>(blocks - row.length).fill(-1)]);
  return {
    cuSeqlens: Int32Array.from(batch.cuSeqlens),
    contextLens: Int32Array.from(batch.contextLens),
    blockTable: Int32Array.from(rows.flat()),
    ...(batch.slot && { slots: Int32Array.from(batch.slot) }),
  };
}
