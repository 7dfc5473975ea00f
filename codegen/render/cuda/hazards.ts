/** Which memory the threads of a group have touched since their last barrier, and whether an access needs one before it. */
import { childrenOf } from '../../ir/children.ts';
import type { Expression, Load } from '../../ir/expression.ts';
import { baseOf } from '../../ir/program.ts';
import type { Statement } from '../../ir/statement.ts';
import type { KernelScope } from '../kernel-scope.ts';

/** Memory by name: the base value, or a buffer of the row. */
export interface Access {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
}

export class Hazards {
  #reads = new Set<string>();
  #writes = new Set<string>();

  get hasWrites(): boolean {
    return this.#writes.size > 0;
  }

  /** Records an access; true if a barrier has to stand before it, which is taken to be there. */
  enter({ reads, writes }: Access): boolean {
    const meets = (some: ReadonlySet<string>, others: ReadonlySet<string>): boolean =>
      [...some].some((name) => others.has(name));
    const conflict = meets(reads, this.#writes) || meets(writes, this.#writes) || meets(writes, this.#reads);
    if (conflict) {
      this.#reads = new Set();
      this.#writes = new Set();
    }
    for (const name of reads) this.#reads.add(name);
    for (const name of writes) this.#writes.add(name);
    return conflict;
  }

  /** What holds at the start of a body that may be passed by. */
  branch(): Hazards {
    const copy = new Hazards();
    copy.enter({ reads: this.#reads, writes: this.#writes });
    return copy;
  }

  /** Behind such a body: what either way has left open. */
  join(other: Hazards): void {
    for (const name of other.#reads) this.#reads.add(name);
    for (const name of other.#writes) this.#writes.add(name);
  }
}

/** Loads that go to registers and not to memory. */
type IsKept = (load: Load) => boolean;

export function accessOfExpressions(roots: readonly Expression[], scope: KernelScope): Access {
  const reads = new Set<string>();
  for (const root of roots) readsOf(root, scope, reads, () => false);
  return { reads, writes: new Set() };
}

/** All that a statement and its body touch. */
export function accessOf(statement: Statement, scope: KernelScope, isKept: IsKept = () => false): Access {
  const reads = new Set<string>();
  const writes = new Set<string>();
  const read = (...roots: readonly (Expression | null)[]): void => {
    for (const root of roots) if (root) readsOf(root, scope, reads, isKept);
  };
  const visit = (node: Statement): void => {
    switch (node.kind) {
      case 'loop':
        read(node.low, node.high);
        node.body.forEach(visit);
        return;
      case 'if':
        read(node.condition);
        node.body.forEach(visit);
        return;
      case 'declare':
      case 'accumulate':
        read(node.value);
        return;
      case 'store':
        read(node.value, ...node.target.indices);
        writes.add(memoryOf(node.target, scope));
        return;
      case 'fill':
        read(node.index, node.value);
        writes.add(node.name);
        return;
      case 'selectRow':
        read(node.extent, node.parameter);
        if (node.row.kind === 'buffer') reads.add(node.row.name);
        else {
          read(...node.row.indices);
          reads.add(memoryOf({ tensor: node.row.tensor, field: null }, scope));
        }
        if (node.op === 'topN') writes.add(node.name);
        return;
      case 'comment':
      case 'buffer':
        return;
    }
  };
  visit(statement);
  return { reads, writes };
}

function readsOf(root: Expression, scope: KernelScope, reads: Set<string>, isKept: IsKept): void {
  if (root.kind === 'load' && !isKept(root)) reads.add(memoryOf(root, scope));
  for (const child of childrenOf(root)) readsOf(child, scope, reads, isKept);
}

/** The name of what an access touches; fields of a paged tensor lie apart. */
export function memoryOf(
  { tensor, field }: { readonly tensor: string; readonly field: string | null },
  scope: KernelScope,
): string {
  if (scope.isBuffer(tensor)) return tensor;
  return field === null ? baseOf(scope.program, tensor) : `${baseOf(scope.program, tensor)}.${field}`;
}
