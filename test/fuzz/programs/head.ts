/** The head of a random operator as it is put together: dimensions, inputs, attributes, and what its outputs are to be. */
import type { Choices } from './choices.ts';
import {
  type Cache,
  type Callable,
  count,
  dimension,
  type Extent,
  productOf,
  type Scope,
  type Sizes,
  sumOf,
  twice,
} from './scope.ts';

/** What the operators of one program share: their rows and their features. */
export interface Frame {
  readonly rows: Extent | null;
  readonly isRagged: boolean;
  readonly features: readonly Extent[];
}

/** A tensor that one operator of a program gives and others may take, under the same name. */
export type Flow =
  | { readonly kind: 'dense'; readonly callable: Callable; readonly element: string; readonly declaration: string }
  | { readonly kind: 'paged'; readonly cache: Cache; readonly declaration: string };

/** A dimension whose size follows from those of others, and what holds of it. */
export interface Derived {
  readonly size: (sizes: Sizes) => number;
  readonly where: string;
}

export interface Output {
  readonly flow: Flow;
  /** A function of its indices alone, by a tensor of f32: what another operator could compute where it reads. */
  readonly isPlain: boolean;
  readonly define: (scope: Scope) => string;
}

/** On both sides of what kernels take at once. */
export const sizes: readonly number[] = [3, 2, 5, 8, 1, 7, 16, 17, 33, 12, 40, 64];

export function frameOf(choices: Choices, needs: { readonly rows: boolean; readonly ragged: boolean }): Frame {
  const batch = needs.ragged
    ? 'ragged'
    : choices.oneOf(
        [5, () => 'T' as const],
        [2, () => 'R' as const],
        [2, () => 'ragged' as const],
        [needs.rows ? 0 : 1, () => null],
      );
  const isRagged = batch === 'ragged';
  return {
    rows: batch === null ? null : count(isRagged ? 'T' : batch),
    isRagged,
    features: ['H', 'D', 'N'].slice(0, 1 + choices.below(3)).map(dimension),
  };
}

export class Head {
  readonly choices: Choices;
  readonly frame: Frame;
  readonly fresh: (stem: string) => string;
  /** What expressions may read; an output of an attend's or a state's form has inputs beside them. */
  readonly callables: Callable[] = [];
  readonly caches: Cache[] = [];
  readonly attrs: Record<string, number> = {};
  readonly #inputs = new Map<string, string>();
  readonly #derived: Map<string, Derived>;
  #hasStates = false;

  /** `derived`: the dimensions that follow from others, of all operators of the program. */
  constructor(choices: Choices, frame: Frame, fresh: (stem: string) => string, derived: Map<string, Derived>) {
    this.choices = choices;
    this.frame = frame;
    this.fresh = fresh;
    this.#derived = derived;
  }

  /** An input by its declaration, such as `act(T, H)`; expressions read it only where it is among the callables. */
  input(name: string, declaration: string): string {
    this.#inputs.set(name, declaration);
    return name;
  }

  /** An input that expressions read. */
  tensor(stem: string, element: string, shape: readonly Extent[], contents: Extent | null = null): Callable {
    const name = this.fresh(stem);
    const range = contents === null ? '' : `.in(0, ${contents.text})`;
    this.input(name, `${element}(${shapeText(shape)})${range}`);
    const callable = { name, shape, contents, isIndex: element === 'i32' };
    this.callables.push(callable);
    return callable;
  }

  /** What another operator of the program gives. */
  take(flow: Flow): void {
    this.input(flow.kind === 'dense' ? flow.callable.name : flow.cache.name, flow.declaration);
    if (flow.declaration.startsWith('state(')) this.#hasStates = true;
    if (flow.kind === 'dense') this.callables.push(flow.callable);
    else this.caches.push(flow.cache);
  }

  /** A state, which the operator reads and writes. */
  state(name: string, declaration: string): void {
    this.input(name, declaration);
    if (declaration.startsWith('state(')) this.#hasStates = true;
  }

  /** A dimension whose size follows from those of others, and what holds of it. */
  dimension(stem: string, size: (sizes: Sizes) => number, where: (name: string) => string): Extent {
    const name = this.fresh(stem);
    this.#derived.set(name, { size, where: where(name) });
    return { ...dimension(name), size };
  }

  /** An attribute of a number, or the number as it is written. */
  number(stem: string, value: number): string {
    if (!this.choices.chance(40)) return String(value);
    return this.attr(stem, value);
  }

  attr(stem: string, value: number): string {
    const name = this.fresh(stem);
    this.attrs[name] = value;
    return name;
  }

  /** The head of an operator that reads what both read. */
  joinedWith(other: Head): Head {
    const joined = new Head(this.choices, this.frame, this.fresh, this.#derived);
    for (const head of [this, other]) {
      for (const [name, declaration] of head.#inputs) joined.#inputs.set(name, declaration);
      Object.assign(joined.attrs, head.attrs);
    }
    joined.#hasStates = this.#hasStates || other.#hasStates;
    return joined;
  }

  /** The head of an operator that makes some of its inputs itself. */
  without(made: ReadonlySet<string>): Head {
    const rest = this.joinedWith(new Head(this.choices, this.frame, this.fresh, this.#derived));
    for (const name of made) rest.#inputs.delete(name);
    return rest;
  }

  /** The parts of the specification before `define`, and what `define` takes apart. */
  text(outputs: readonly Flow[]): { readonly parts: readonly string[]; readonly parameters: string } {
    const { rows, isRagged, features } = this.frame;
    const declarations = [...this.#inputs.values(), ...outputs.map(({ declaration }) => declaration)].join(' ');
    const derived = [...this.#derived].filter(([name]) => new RegExp(`\\b${name}\\b`).test(declarations));
    const wheres = derived.map(([, { where }]) => where);
    const names = [...features.map(({ text }) => text), ...derived.map(([name]) => name)];
    const states = this.#hasStates ? ['S'] : [];
    const all = `{ ${[...(isRagged ? ['B'] : []), ...names, ...(rows ? [rows.text] : []), ...states].join(', ')} }`;
    const dims = [
      ...(isRagged ? ["ragged('T', 'B')"] : rows ? [`'${rows.text}'`] : []),
      ...[...names, ...states].map((name) => `'${name}'`),
    ];
    const attrs = Object.keys(this.attrs);
    const declared = (list: readonly string[]): string => `(${all}) => ({ ${list.join(', ')} })`;
    const parts = [
      `dims: [${dims.join(', ')}],`,
      ...(wheres.length > 0 ? [`where: (${all}) => [${wheres.join(', ')}],`] : []),
      `inputs: ${declared([...this.#inputs].map(([name, declaration]) => `${name}: ${declaration}`))},`,
      ...(attrs.length > 0 ? [`attrs: { ${attrs.map((name) => `${name}: f32`).join(', ')} },`] : []),
      `outputs: ${declared(outputs.map((flow) => `${nameOf(flow)}: ${flow.declaration}`))},`,
    ];
    const taken = [all, `{ ${[...this.#inputs.keys()].join(', ')} }`];
    return { parts, parameters: [...taken, ...(attrs.length > 0 ? [`{ ${attrs.join(', ')} }`] : [])].join(', ') };
  }
}

export const nameOf = (flow: Flow): string => (flow.kind === 'dense' ? flow.callable.name : flow.cache.name);

export const shapeText = (shape: readonly Extent[]): string => shape.map(({ text }) => text).join(', ');

/** Of a form that has an axis of rows. */
export function rowsOf({ frame }: Head): Extent {
  if (frame.rows === null) throw new Error('this form has rows');
  return frame.rows;
}

/** The tensors that an operator reads of its own; `most` of them, and none where others give it some. */
export function drawInputs(head: Head, least: number, most: number): void {
  const { choices, frame } = head;
  const numbers = least + choices.below(most - least + 1);
  for (let place = 0; place < numbers; place++) numbersInput(head, head.callables.length === 0);
  if (!choices.chance(30)) return;
  const leading = frame.rows !== null && choices.chance(70) ? [frame.rows] : [choices.pick(frame.features)];
  const shape = [...leading, ...(choices.chance(25) ? [choices.pick(frame.features)] : [])];
  head.tensor('ids', 'i32', shape, choices.pick([...frame.features, ...(frame.rows ? [frame.rows] : [])]));
}

function numbersInput(head: Head, isFirst: boolean): void {
  const { choices, frame } = head;
  const element = choices.oneOf(
    [5, () => 'act'],
    [2, () => 'f32'],
    [isFirst ? 0 : 3, () => 'weight'],
    [1, () => 'cache'],
  );
  const { rows } = frame;
  const leading = rows !== null && element !== 'weight' && (isFirst || choices.chance(60)) ? [rows] : [];
  const most = element === 'weight' || leading.length > 0 ? 2 : 3;
  const trailing = Array.from({ length: (leading.length > 0 ? 0 : 1) + choices.below(most) || (isFirst ? 1 : 0) }, () =>
    axisOf(choices, frame.features),
  );
  head.tensor('x', element, [...leading, ...trailing]);
}

/** A dimension, or an axis made of several. */
export function axisOf(choices: Choices, features: readonly Extent[]): Extent {
  const plain = (): Extent => choices.pick(features);
  return choices.oneOf(
    [12, plain],
    [1, () => twice(plain())],
    [1, () => sumOf(plain(), plain())],
    [1, () => productOf(plain(), plain())],
  );
}
