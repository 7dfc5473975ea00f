/**
 * Turns the nests of a kernel into statements: each reduction is computed once, at the outermost loop where its operands are
 * known and under the guards that stand around it; the innermost loop is vectorised and split where a ternary asks for
 * a place on it.
 */
import { assertNever } from '../ir/assert-never.ts';
import type { Expression, IndexVariable, Reduce, Span } from '../ir/expression.ts';
import type { Axis, Nest, NestKernel } from '../ir/kernel.ts';
import { expressionKey } from '../ir/key.ts';
import { indexOf, integer } from '../ir/make.ts';
import type { Program } from '../ir/program.ts';
import { freeVariables, mapChildren, some } from '../ir/rewrite.ts';
import type { Statement } from '../ir/statement.ts';
import { NameTable } from '../names.ts';
import { hoistInvariants } from './hoist.ts';
import { isStraight, nameOfReduction, reduction } from './reduction.ts';
import { nameShared } from './share.ts';
import { type Segment, splitAxis } from './split.ts';

/** The body of a nest kernel for one row. */
export function scheduleNest(kernel: NestKernel, program: Program): readonly Statement[] {
  const names = new NameTable();
  const row = levelOf(kernel.row);
  const scheduler = new Scheduler(names, row, program);
  for (const nest of kernel.nests) {
    row.statements.push({ kind: 'comment', text: nest.anchor });
    scheduler.nest(nest);
  }
  return row.statements;
}

/** A loop under construction: its variable and the statements of its body so far. */
interface Level {
  readonly variable: IndexVariable;
  readonly statements: Statement[];
  /** The reductions computed at this level, by structure, each with what stands for it. */
  readonly known: Map<string, Expression>;
}

function levelOf(variable: IndexVariable): Level {
  return { variable, statements: [], known: new Map() };
}

interface Scope {
  readonly levels: readonly Level[];
  /** Conditions under which the code at hand runs, reduction-free. */
  readonly guards: readonly Expression[];
}

class Scheduler {
  readonly #names: NameTable;
  readonly #row: Level;
  readonly #program: Program;
  /** Level depth at which a local becomes known, by name. */
  readonly #depths = new Map<string, number>();

  constructor(names: NameTable, row: Level, program: Program) {
    this.#names = names;
    this.#row = row;
    this.#program = program;
  }

  nest(nest: Nest): void {
    switch (nest.kind) {
      case 'store': {
        const indices = (span: Span): readonly Expression[] => [
          indexOf(nest.row, span),
          ...nest.axes.map((axis) => indexOf(axis.variable, span)),
        ];
        this.#loops(nest.axes, nest.value, [], (value) => ({
          kind: 'store',
          target: { tensor: nest.output, field: null, indices: indices(value.span) },
          value,
        }));
        return;
      }
      case 'scatter':
        this.#scatter(nest);
        return;
      default:
        assertNever(nest);
    }
  }

  #scatter(nest: Extract<Nest, { kind: 'scatter' }>): void {
    const scope: Scope = { levels: [this.#row], guards: [] };
    const slots = nest.slot.map((slot) => {
      const name = this.#names.fresh('slot');
      this.#row.statements.push({ kind: 'declare', name, value: this.#lower(slot, scope), mutable: false });
      this.#depths.set(name, 0);
      return { kind: 'local', type: 'i32', name, span: slot.span } as const;
    });
    const guard = slots.map(nonNegative).reduce((both, condition) => ({
      kind: 'logical',
      type: 'bool',
      op: '&&',
      left: both,
      right: condition,
      span: condition.span,
    }));
    const body = levelOf(this.#row.variable);
    for (const write of nest.writes) {
      this.#loops(
        write.axes,
        write.value,
        [guard],
        (value) => ({
          kind: 'store',
          target: {
            tensor: nest.output,
            field: write.field,
            indices: [...slots, ...write.axes.map((axis) => indexOf(axis.variable, value.span))],
          },
          value,
        }),
        body,
      );
    }
    this.#row.statements.push({ kind: 'if', condition: guard, body: body.statements });
  }

  /** Loops over `axes` around `store`; `outer` replaces the row's level as the place where they start. */
  #loops(
    axes: readonly Axis[],
    value: Expression,
    guards: readonly Expression[],
    store: (value: Expression) => Statement,
    outer: Level = this.#row,
  ): void {
    const levels = [this.#row, ...axes.map((axis) => levelOf(axis.variable))];
    const innermost = axes.at(-1);
    if (!innermost) {
      const lowered = this.#lower(value, { levels, guards });
      outer.statements.push(...nameShared([store(lowered)], this.#names));
      return;
    }
    const segments: readonly Segment[] = splitAxis(innermost, value);
    const known = new Map<string, Expression>();
    const loops = segments.map((segment): Statement => {
      const level = levelOf(innermost.variable);
      const scope: Scope = { levels: [...levels.slice(0, -1), level], guards };
      const before = levels.at(-2) as Level;
      const lowered = this.#lower(segment.value, scope);
      const hoisted = hoistInvariants(
        lowered,
        (node) => this.#depthOf(node, scope) < levels.length - 1,
        () => this.#names.fresh('factor'),
        known,
      );
      for (const { name, value: factor } of hoisted.declarations) {
        this.#depths.set(name, levels.length - 2);
        (before === this.#row ? outer : before).statements.push({
          kind: 'declare',
          name,
          value: factor,
          mutable: false,
        });
      }
      level.statements.push(store(hoisted.value));
      return {
        kind: 'loop',
        variable: innermost.variable,
        low: segment.low,
        high: segment.high,
        simd: isStraight(level.statements),
        reductions: [],
        body: nameShared(level.statements, this.#names),
      };
    });
    const last = levels.length - 2;
    let body: readonly Statement[] = [...(last > 0 ? (levels[last]?.statements ?? []) : []), ...loops];
    for (let depth = last; depth > 0; depth--) {
      const axis = axes[depth - 1] as Axis;
      const loop: Statement = {
        kind: 'loop',
        variable: axis.variable,
        low: integer(0, value.span),
        high: axis.extent,
        simd: false,
        reductions: [],
        body,
      };
      body = [...(depth > 1 ? (levels[depth - 1]?.statements ?? []) : []), loop];
    }
    outer.statements.push(...body);
  }

  /** `node` without reductions: each is emitted at its level and replaced by the local that holds it. */
  #lower(node: Expression, scope: Scope): Expression {
    if (!some(node, (inner) => inner.kind === 'reduce')) return node;
    if (node.kind === 'select') {
      const condition = this.#lower(node.condition, scope);
      const not: Expression = { kind: 'not', type: 'bool', operand: condition, span: condition.span };
      const then = this.#lower(node.then, { ...scope, guards: [...scope.guards, condition] });
      const otherwise = this.#lower(node.otherwise, { ...scope, guards: [...scope.guards, not] });
      return { ...node, condition, then, otherwise };
    }
    if (node.kind === 'reduce') return this.#reduce(node, scope);
    return mapChildren(node, (child) => this.#lower(child, scope));
  }

  #reduce(node: Reduce & { readonly span: Span }, scope: Scope): Expression {
    const parameter = node.parameter && this.#lower(node.parameter, scope);
    // The place in a topN is asked for behind the selection, so it does not bind the level.
    const operands: readonly Expression[] = [
      { ...node, parameter: node.op === 'topN' ? null : parameter },
      ...scope.guards,
    ];
    const depth = Math.max(0, ...operands.map((operand) => this.#depthOf(operand, scope)));
    const key = `${expressionKey({ ...node, parameter: node.op === 'topN' ? null : parameter })} if ${scope.guards.map(expressionKey).join(' and ')}`;
    const known = (scope.levels[depth] as Level).known;
    let result = known.get(key);
    if (!result) {
      result = this.#emit(node, parameter, { levels: scope.levels.slice(0, depth + 1), guards: scope.guards });
      known.set(key, result);
    }
    if (node.op !== 'topN' || !parameter || result.kind !== 'local') return result;
    return { kind: 'load', type: 'i32', tensor: result.name, field: null, indices: [parameter], span: node.span };
  }

  #depthOf(node: Expression, scope: Scope): number {
    let depth = 0;
    for (const id of freeVariables(node).keys()) {
      depth = Math.max(
        depth,
        scope.levels.findIndex((level) => level.variable.id === id),
      );
    }
    some(node, (inner) => {
      if (inner.kind === 'local') depth = Math.max(depth, this.#depths.get(inner.name) ?? 0);
      return false;
    });
    return depth;
  }

  #emit(node: Reduce & { readonly span: Span }, parameter: Expression | null, scope: Scope): Expression {
    const level = scope.levels.at(-1) as Level;
    const name = this.#names.fresh(nameOfReduction(node.op));
    this.#depths.set(name, scope.levels.length - 1);
    const inner = levelOf(node.variable);
    const body = this.#lower(node.body, { levels: [...scope.levels, inner], guards: scope.guards });
    const statements = reduction({ node, name, parameter, body, inner: inner.statements }, this.#names, this.#program);
    level.statements.push(...statements.before);
    this.#row.statements.push(...statements.buffers);
    const condition = scope.guards.reduce<Expression | null>(
      (all, guard) =>
        all ? { kind: 'logical', type: 'bool', op: '&&', left: all, right: guard, span: guard.span } : guard,
      null,
    );
    level.statements.push(
      ...(condition ? [{ kind: 'if', condition, body: statements.guarded } as const] : statements.guarded),
    );
    return { kind: 'local', type: node.type, name, span: node.span };
  }
}

function nonNegative(slot: Expression): Expression {
  return { kind: 'compare', type: 'bool', op: '>=', left: slot, right: integer(0, slot.span), span: slot.span };
}
