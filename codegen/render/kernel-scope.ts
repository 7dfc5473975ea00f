/**
 * The names of one kernel function: its parameters (one for each memory it touches), the counts it needs, its indices and
 * locals. Expressions are printed against a scope, which so learns what the function must be given.
 */
import type { IndexVariable, Load, StorageType } from '../ir/expression.ts';
import type { Kernel } from '../ir/kernel.ts';
import { expressionKey } from '../ir/key.ts';
import { baseOf, type Program, type ProgramValue } from '../ir/program.ts';
import { NameTable, snakeCase } from '../names.ts';

export interface Parameter {
  readonly name: string;
  /** The value whose memory is passed. */
  readonly key: string;
  readonly form: 'tensor' | 'matrix' | 'paged';
  readonly storage: StorageType;
  readonly written: boolean;
  /** The shape as text, for the reader of the signature. */
  readonly shape: string;
}

export class KernelScope {
  readonly program: Program;
  readonly names = new NameTable();
  readonly #parameters = new Map<string, Parameter>();
  readonly #counts = new Set<string>();
  readonly #locals: ReadonlySet<string>;
  /** What the kernel writes, by base value, with the name it has there. */
  readonly #outputs: ReadonlyMap<string, string>;
  /** Names of loops that are open, by index; a name is free again when its loop is closed. */
  readonly #open = new Map<number, string>();
  readonly #indexNames = new Set<string>();
  /** Text that stands for elements which are in registers, by `elementKey`. */
  #elements: ReadonlyMap<string, string> = new Map();

  /** Whether every access is checked against its tensor's shape. */
  readonly checked: boolean;
  /** How weight matrices are passed: as row segments, whose rows are looked up, or in one piece. */
  readonly matrices: 'segments' | 'plain';

  constructor(
    program: Program,
    outputs: ReadonlyMap<string, string>,
    checked: boolean,
    locals: readonly string[] = [],
    matrices: 'segments' | 'plain' = 'segments',
  ) {
    this.program = program;
    this.checked = checked;
    this.matrices = matrices;
    this.#outputs = outputs;
    this.#locals = new Set(locals);
    for (const count of program.counts) this.names.of(`count ${count}`, count);
  }

  get parameters(): readonly Parameter[] {
    return [...this.#parameters.values()];
  }

  get counts(): readonly string[] {
    return [...this.#counts];
  }

  count(name: string): string {
    this.#counts.add(name);
    return this.names.of(`count ${name}`, name);
  }

  index(variable: IndexVariable): string {
    return this.#open.get(variable.id) ?? this.names.of(`index ${variable.id}`, variable.name);
  }

  /** Prints a loop's body with its index in scope: neighbouring loops may use one name. */
  within<Result>(variable: IndexVariable, body: (name: string) => Result): Result {
    const taken = new Set(this.#open.values());
    let name = variable.name;
    for (let suffix = 2; taken.has(name) || (this.names.has(name) && !this.#indexNames.has(name)); suffix++) {
      name = `${variable.name}${suffix}`;
    }
    this.names.reserve(name);
    this.#indexNames.add(name);
    this.#open.set(variable.id, name);
    try {
      return body(name);
    } finally {
      this.#open.delete(variable.id);
    }
  }

  /** Prints what takes some elements from where `elements` says, by `elementKey`. */
  withElements<Result>(elements: ReadonlyMap<string, string>, body: () => Result): Result {
    const before = this.#elements;
    this.#elements = elements;
    try {
      return body();
    } finally {
      this.#elements = before;
    }
  }

  /** The text of an element that is in a register. */
  element(target: Pick<Load, 'tensor' | 'field' | 'indices'>): string | undefined {
    return this.#elements.size === 0 ? undefined : this.#elements.get(elementKey(target));
  }

  local(name: string): string {
    return this.names.of(`local ${name}`, name);
  }

  value(key: string): ProgramValue {
    const value = this.program.values.get(key);
    if (!value) throw new Error(`the program has no value ${key}`);
    return value;
  }

  /** Whether the value lives in a buffer of the thread. */
  isLocal(key: string): boolean {
    return this.#locals.has(baseOf(this.program, key));
  }

  /** The buffer of such a value. */
  localValue(key: string): string {
    const base = baseOf(this.program, key);
    return this.names.of(`value ${base}`, this.#wish(key));
  }

  isBuffer(key: string): boolean {
    return !this.program.values.has(key);
  }

  /** Whether rows of the value have to be looked up. */
  isSegmented(key: string): boolean {
    const { role, shape } = this.value(key);
    return this.matrices === 'segments' && role.kind === 'weight' && shape.length === 2;
  }

  /** The parameter through which `key` is read or written; versions of one state share one. */
  parameter(key: string, written = false): Parameter {
    const base = baseOf(this.program, key);
    const value = this.value(base);
    const known = this.#parameters.get(base);
    if (known) {
      if (written && !known.written) this.#parameters.set(base, { ...known, written });
      return known;
    }
    const parameter: Parameter = {
      name: this.names.of(`value ${base}`, this.#wish(key)),
      key: base,
      form: value.paged ? 'paged' : value.role.kind === 'weight' && value.shape.length === 2 ? 'matrix' : 'tensor',
      storage: value.storage,
      written,
      shape: value.paged
        ? value.paged.fields.map((field) => `${field.name}[${field.shape.join(', ')}]`).join(' ')
        : `[${value.shape.join(', ')}]`,
    };
    this.#parameters.set(base, parameter);
    return parameter;
  }

  /** What a kernel writes has its output's name, what it reads the name under which its reader declares it. */
  #wish(key: string): string {
    const base = baseOf(this.program, key);
    return this.#outputs.get(base) ?? snakeCase(this.value(key).inputName ?? this.value(base).name);
  }
}

/** Equal exactly for accesses to one element. */
export function elementKey({ tensor, field, indices }: Pick<Load, 'tensor' | 'field' | 'indices'>): string {
  return `${tensor}.${field ?? ''}[${indices.map(expressionKey).join(',')}]`;
}

/** The C type of an element in memory. */
export function cType(storage: StorageType): string {
  switch (storage) {
    case 'f32':
      return 'float';
    case 'i32':
      return 'int32_t';
    case 'bf16':
    case 'f16':
      return storage;
  }
}

/** Names for what a kernel writes: the output's own, with its operator's before it where several have that name. */
export function outputNames(program: Program, kernel: Kernel): ReadonlyMap<string, string> {
  const outputs = kernel.kind === 'nest' ? kernel.nests : [{ output: kernel.output, anchor: kernel.anchors[0] ?? '' }];
  const plainName = (anchor: string): string => anchor.split('.')[1] ?? anchor;
  const times = (name: string): number => outputs.filter(({ anchor }) => plainName(anchor) === name).length;
  return new Map(
    outputs.map(({ output, anchor }) => [
      baseOf(program, output),
      snakeCase(times(plainName(anchor)) === 1 ? plainName(anchor) : anchor.replace('.', '_')),
    ]),
  );
}
