/**
 * Pieces of rows: neighbouring elements that a thread of a group takes together in a loop of independent iterations, in one
 * access to memory. Where a loop needs a single round, later loops find the same pieces in registers.
 */
import { childrenOf } from '../../ir/children.ts';
import type { Expression, Load } from '../../ir/expression.ts';
import { expressionKey } from '../../ir/key.ts';
import { usesVariable } from '../../ir/rewrite.ts';
import type { Statement } from '../../ir/statement.ts';
import { expressionsOf } from '../../lower/statements.ts';
import { elementKey, type KernelScope } from '../kernel-scope.ts';

export type Loop = Extract<Statement, { kind: 'loop' }>;

export interface Piece {
  /** Equal for loops whose threads take the same elements. */
  readonly key: string;
  readonly target: Pick<Load, 'tensor' | 'field' | 'indices'>;
  /** What the last index adds to the loop's. */
  readonly shift: number;
  /** The element's own key, under which the body's text finds it. */
  readonly element: string;
  readonly isStored: boolean;
  readonly isLoaded: boolean;
  /** Behind a ternary: not to be read unless it is there already. */
  readonly isGuarded: boolean;
}

export interface LoopPieces {
  /** Elements of a piece. */
  readonly width: number;
  /** Times that the group goes around. */
  readonly rounds: number;
  /** Whether every thread has a piece in every round. */
  readonly isWhole: boolean;
  readonly low: number;
  readonly high: number;
  readonly pieces: readonly Piece[];
}

const WIDTHS = [8, 4, 2];

/** How `lanes` threads take the loop in pieces; null where its accesses or bounds do not allow it, or gain nothing. */
export function piecesOf(loop: Loop, lanes: number, scope: KernelScope): LoopPieces | null {
  const { low, high } = loop;
  if (!loop.simd || scope.checked || low.kind !== 'number' || high.kind !== 'number') return null;
  const found = accessesOf(loop, scope);
  if (found === null || found.length === 0) return null;
  const extent = high.value - low.value;
  const fits = (width: number): boolean =>
    extent % width === 0 &&
    low.value % width === 0 &&
    found.every(({ shift, rowElements }) => shift % width === 0 && rowElements % width === 0);
  const rounds = (width: number): number => Math.ceil(extent / (width * lanes));
  // Wider pieces than the fewest rounds need would leave threads without one.
  const width = WIDTHS.filter(fits).reduce(
    (best, next) => (rounds(next) <= rounds(best) ? next : best),
    WIDTHS[0] ?? 1,
  );
  if (!fits(width) || rounds(width) >= rounds(1)) return null;
  return {
    width,
    rounds: rounds(width),
    isWhole: extent % (width * lanes) === 0,
    low: low.value,
    high: high.value,
    pieces: found.map((access): Piece => {
      const { tensor, field, indices } = access.target;
      const row = indices.slice(0, -1).map(expressionKey).join(',');
      const key = `${tensor}.${field ?? ''}[${row}][${low.value + access.shift}+${extent}]/${width}`;
      return { ...access, key };
    }),
  };
}

type Access = Omit<Piece, 'key'> & {
  /** Elements from one row to the next. */
  readonly rowElements: number;
};

/** Null where an access goes elsewhere than along the row. */
function accessesOf(loop: Loop, scope: KernelScope): readonly Access[] | null {
  const byElement = new Map<string, Access>();
  let fails = false;
  const add = (target: Piece['target'], isStored: boolean, isGuarded: boolean): void => {
    const access = alongRow(target, loop, scope, isStored);
    if (access === null) {
      fails ||= !isGuarded;
      return;
    }
    const element = elementKey(target);
    const known = byElement.get(element);
    byElement.set(element, {
      ...access,
      target,
      element,
      isStored: isStored || known?.isStored === true,
      isLoaded: !isStored || known?.isLoaded === true,
      isGuarded: isGuarded && known?.isGuarded !== false,
    });
  };
  const read = (node: Expression, isGuarded: boolean): void => {
    if (node.kind === 'load' && usesVariable(node, loop.variable.id)) add(node, false, isGuarded);
    childrenOf(node).forEach((child, place) => {
      read(child, isGuarded || (node.kind === 'select' && place > 0));
    });
  };
  for (const statement of loop.body) {
    if (statement.kind === 'store') add(statement.target, true, false);
    else if (statement.kind === 'fill')
      add({ tensor: statement.name, field: null, indices: [statement.index] }, true, false);
    for (const root of expressionsOf(statement)) read(root, false);
  }
  return fails ? null : [...byElement.values()];
}

function alongRow(
  { tensor, field, indices }: Piece['target'],
  loop: Loop,
  scope: KernelScope,
  isStored: boolean,
): { readonly shift: number; readonly rowElements: number } | null {
  const last = indices.at(-1);
  const shift = last ? shiftOf(last, loop.variable.id) : null;
  if (shift === null || indices.slice(0, -1).some((index) => usesVariable(index, loop.variable.id))) return null;
  if (scope.isBuffer(tensor)) return isStored ? { shift, rowElements: 0 } : null;
  const { paged, shape } = scope.value(tensor);
  if (paged && !isStored) return null;
  const row = paged ? paged.fields.find(({ name }) => name === field)?.shape.at(-1) : shape.at(-1);
  return typeof row === 'number' ? { shift, rowElements: row } : null;
}

/** c of `index + c`; null for another expression. */
function shiftOf(node: Expression, id: number): number | null {
  if (node.kind === 'index') return node.variable.id === id ? 0 : null;
  if (node.kind !== 'binary' || (node.op !== '+' && node.op !== '-')) return null;
  const [left, right] = [shiftOf(node.left, id), shiftOf(node.right, id)];
  if (left !== null && node.right.kind === 'number')
    return node.op === '+' ? left + node.right.value : left - node.right.value;
  return right !== null && node.left.kind === 'number' && node.op === '+' ? right + node.left.value : null;
}

interface KeptPiece {
  readonly name: string;
  readonly base: string;
}

/** Pieces that threads hold in registers, by key, while nothing else writes their memory. */
export class KeptPieces {
  readonly #wanted: ReadonlyMap<string, number>;
  readonly #names: Map<string, KeptPiece>;

  private constructor(wanted: ReadonlyMap<string, number>, names: Map<string, KeptPiece>) {
    this.#wanted = wanted;
    this.#names = names;
  }

  /** For the loops of `statements` and of what stands under conditions in them. */
  static of(statements: readonly Statement[], lanes: number, scope: KernelScope): KeptPieces {
    const wanted = new Map<string, number>();
    const count = (statement: Statement): void => {
      if (statement.kind === 'if') statement.body.forEach(count);
      if (statement.kind !== 'loop') return;
      const taken = piecesOf(statement, lanes, scope);
      if (taken?.rounds !== 1) return;
      for (const key of new Set(taken.pieces.map((piece) => piece.key))) wanted.set(key, (wanted.get(key) ?? 0) + 1);
    };
    statements.forEach(count);
    return new KeptPieces(wanted, new Map());
  }

  static none(): KeptPieces {
    return new KeptPieces(new Map(), new Map());
  }

  /** For a body that may be passed by: what it adds is not there behind it. */
  branch(): KeptPieces {
    return new KeptPieces(this.#wanted, new Map(this.#names));
  }

  /** Whether another loop takes the same piece. */
  isWanted(key: string): boolean {
    return (this.#wanted.get(key) ?? 0) > 1;
  }

  nameOf(key: string): string | undefined {
    return this.#names.get(key)?.name;
  }

  keep(key: string, piece: KeptPiece): void {
    this.#names.set(key, piece);
  }

  /** Memory that was written otherwise. */
  forget(bases: ReadonlySet<string>): void {
    for (const [key, { base }] of this.#names) if (bases.has(base)) this.#names.delete(key);
  }
}
