/** What must hold of an expression over the values of a program, wherever it stands. */
import { childrenOf } from './children.ts';
import type { Expression, IndexVariable } from './expression.ts';
import { printExpression } from './print-expression.ts';
import type { Program, ProgramValue } from './program.ts';
import { typeRuleBroken } from './verify-types.ts';

/** What an expression may name beside the values of its program. */
export interface ExpressionScope {
  readonly indices: readonly IndexVariable[];
  /** Names of values that lowering has computed. */
  readonly locals: readonly string[];
}

/** Checks expressions of one program; each node once, however often it is shared. */
export class ExpressionRules {
  readonly #program: Program;
  readonly #broken = new Set<string>();
  readonly #facts = new Map<Expression, Facts>();

  constructor(program: Program) {
    this.#program = program;
  }

  get broken(): readonly string[] {
    return [...this.#broken];
  }

  check(root: Expression, scope: ExpressionScope): void {
    const indices = new Set(scope.indices.map((variable) => variable.id));
    const { free, locals } = this.#factsOf(root);
    for (const id of free)
      if (!indices.has(id)) this.#broken.add(`an index is used outside of its scope: ${printExpression(root)}`);
    for (const name of locals) if (!scope.locals.includes(name)) this.#broken.add(`nothing computes the local ${name}`);
  }

  #factsOf(node: Expression): Facts {
    const known = this.#facts.get(node);
    if (known) return known;
    const facts = own(node, joined(childrenOf(node).map((child) => this.#factsOf(child))));
    const broken = this.#ruleBroken(node);
    if (broken !== null) this.#broken.add(broken);
    this.#facts.set(node, facts);
    return facts;
  }

  #ruleBroken(node: Expression): string | null {
    if (node.kind === 'attr') return `the attribute ${node.name} is not bound`;
    if (node.kind === 'dim' && !this.#program.counts.includes(node.name))
      return `${node.name} is no count of the program`;
    if (node.kind === 'load') {
      const broken = readRuleBroken(this.#program, node.tensor, node.field, node.indices.length);
      if (broken !== null) return broken;
      const type = this.#program.values.get(node.tensor)?.storage === 'i32' ? 'i32' : 'f32';
      if (type !== node.type) return `${node.tensor} is read as ${node.type}`;
    }
    const broken = typeRuleBroken(node);
    return broken === null ? null : `${broken}: ${printExpression(node)}`;
  }
}

interface Facts {
  readonly free: ReadonlySet<number>;
  readonly locals: ReadonlySet<string>;
}

const NONE: Facts = { free: new Set(), locals: new Set() };

/** Most nodes say what one of their parts says, which is then not told anew. */
function joined(parts: readonly Facts[]): Facts {
  let all = NONE;
  for (const part of parts) {
    if (all === NONE || all === part) all = part;
    else if (part !== NONE)
      all = { free: new Set([...all.free, ...part.free]), locals: new Set([...all.locals, ...part.locals]) };
  }
  return all;
}

/** With what the node itself adds and binds. */
function own(node: Expression, parts: Facts): Facts {
  switch (node.kind) {
    case 'index':
      return { ...parts, free: new Set([...parts.free, node.variable.id]) };
    case 'local':
      return { ...parts, locals: new Set([...parts.locals, node.name]) };
    case 'reduce':
      return { ...parts, free: new Set([...parts.free].filter((id) => id !== node.variable.id)) };
    default:
      return parts;
  }
}

/** The rule that a read of a value at so many indices breaks; null if none. */
export function readRuleBroken(program: Program, key: string, field: string | null, indices: number): string | null {
  const value = program.values.get(key);
  if (!value) return `${key} is no value of the program`;
  const rank = rankOf(value, field);
  if (rank === null) return `${key} is read as what it is not`;
  return rank === indices ? null : `${key} is read at ${indices} indices and has ${rank}`;
}

/** Indices a load takes; null where the value has no such field. */
function rankOf(value: ProgramValue, field: string | null): number | null {
  if (!value.paged) return field === null ? value.shape.length : null;
  const row = value.paged.fields.find((candidate) => candidate.name === field);
  return row ? row.shape.length + 2 : null;
}
