/**
 * What the text of a kernel follows from, as a string: equal for kernels that differ in the values they read and write only. A
 * model's layers differ so, and each is rendered once.
 */
import type { Kernel } from '../ir/kernel.ts';
import { baseOf, type Program, type ProgramValue } from '../ir/program.ts';
import type { Parameter } from './kernel-scope.ts';

interface WithParameters {
  readonly parameters: readonly Parameter[];
}

/** Renders each distinct kernel once: a later one has the same functions, with parameters of its own. */
export class RenderedOnce<Rendered extends WithParameters> {
  readonly #byKey = new Map<string, { readonly functions: readonly Rendered[]; readonly values: readonly string[] }>();

  of(kernel: Kernel, program: Program, render: () => readonly Rendered[]): readonly Rendered[] {
    const { text, values } = kernelKey(kernel, program);
    const known = this.#byKey.get(text);
    if (known === undefined) {
      const functions = render();
      this.#byKey.set(text, { functions, values });
      return functions;
    }
    const own = new Map(known.values.map((value, place) => [value, values[place] ?? value]));
    return known.functions.map((each) => ({
      ...each,
      parameters: each.parameters.map((parameter) => ({ ...parameter, key: own.get(parameter.key) ?? parameter.key })),
    }));
  }
}

export interface KernelKey {
  readonly text: string;
  /** The kernel's values by their place in the text: equal kernels hold equal roles at equal places. */
  readonly values: readonly string[];
}

/**
 * Holds all of the kernel and of its values but what no text may depend on: its own name and label, spans, ids of indices, and the
 * names by which the model calls values and weights. Shared nodes are told once, as in the DAG.
 */
export function kernelKey(kernel: Kernel, program: Program): KernelKey {
  const writer = new KeyWriter(program);
  writer.write({ ...kernel, name: '', label: '' }, '');
  const [values, facts] = writer.values();
  return { text: `${writer.parts.join('')}|${program.counts.join()}|${JSON.stringify(facts)}`, values };
}

class KeyWriter {
  readonly parts: string[] = [];
  readonly #program: Program;
  readonly #places = new Map<string, number>();
  readonly #indices = new Map<number, number>();
  readonly #told = new Map<object, number>();

  constructor(program: Program) {
    this.#program = program;
  }

  write(node: unknown, field: string): void {
    if (Array.isArray(node)) {
      this.parts.push('[');
      for (const item of node) this.write(item, field);
      this.parts.push(']');
    } else if (typeof node === 'object' && node !== null) {
      this.#object(node);
    } else if (typeof node === 'string' && this.#program.values.has(node) && NAMES_A_VALUE.has(field)) {
      this.parts.push(`$${this.#place(node)},`);
    } else if (typeof node === 'number' && field === 'id') {
      this.parts.push(`i${placeIn(this.#indices, node)},`);
    } else {
      this.parts.push(Object.is(node, -0) ? '-0,' : `${JSON.stringify(node)},`);
    }
  }

  /** The values met, and what rendering may know of each. */
  values(): readonly [readonly string[], readonly unknown[]] {
    const met = [...this.#places.keys()];
    for (const key of met) this.#place(baseOf(this.#program, key));
    const values = [...this.#places.keys()];
    const factsOf = (key: string): unknown => {
      const value = this.#program.values.get(key);
      return value && [this.#place(baseOf(this.#program, key)), facts(value)];
    };
    return [values, values.map(factsOf)];
  }

  #object(node: object): void {
    const told = this.#told.get(node);
    if (told !== undefined) {
      this.parts.push(`#${told},`);
      return;
    }
    this.#told.set(node, this.#told.size);
    this.parts.push('{');
    for (const [field, value] of Object.entries(node)) {
      if (field === 'span') continue;
      this.parts.push(field, ':');
      this.write(value, field);
    }
    this.parts.push('}');
  }

  #place(key: string): number {
    return placeIn(this.#places, key);
  }
}

function placeIn<Key>(places: Map<Key, number>, key: Key): number {
  const place = places.get(key) ?? places.size;
  places.set(key, place);
  return place;
}

/** The fields of kernels and expressions that hold a value's key. */
const NAMES_A_VALUE: ReadonlySet<string> = new Set(['tensor', 'output', 'locals']);

function facts({ name, inputName, storage, shape, paged, role }: ProgramValue): unknown {
  return [name, inputName, storage, shape, paged, role.kind];
}
