/**
 * Every index of every load and write lies within its tensor, or the operator is refused: proved for all dimensions, tokens
 * and contents at once, never sampled. It needs the operators of `read`, and changes nothing. What it may use: the extents an
 * index runs over, `where`, the conditions of ternaries around a load, declared contents of index tensors, and the
 * guarantees of the ragged batch.
 */
import type { PassResult } from '../ir/diagnostic.ts';
import type { Expression, IndexVariable } from '../ir/expression.ts';
import type { Definition, OperatorIr, ScatterDefinition, TensorDeclaration } from '../ir/operator.ts';
import { Atoms, between } from './ranges/atoms.ts';
import { casesOf, type Symbols, variable } from './ranges/cases.ts';
import { inexactDivisions, learnDivisibility } from './ranges/divisibility.ts';
import { constant, subtract } from './ranges/polynomial.ts';
import { axisName, RangeReport } from './ranges/report.ts';
import { anywhere, bothOf, type Worlds, worldsWhere } from './ranges/worlds.ts';

export function checkRanges(operator: OperatorIr): PassResult<OperatorIr> {
  const symbols: Symbols = { operator, atoms: new Atoms() };
  learnDivisibility(symbols);
  const report = new RangeReport(symbols);
  for (const division of inexactDivisions(symbols)) report.division(division);
  const facts = operator.where.reduce((worlds, fact) => bothOf(worlds, worldsWhere(symbols, fact, true)), anywhere);
  for (const definition of operator.definitions) new RangeWalk(symbols, report).definition(definition, facts);
  return { ir: operator, diagnostics: report.diagnostics };
}

/** One definition's walk: what is known grows on the way down, through reductions and ternaries. */
class RangeWalk {
  readonly #symbols: Symbols;
  readonly #report: RangeReport;
  /** Shared nodes are checked once for each context they stand in. */
  readonly #visited = new Map<Expression, Set<Worlds>>();

  constructor(symbols: Symbols, report: RangeReport) {
    this.#symbols = symbols;
    this.#report = report;
  }

  definition(definition: Definition, given: Worlds): void {
    const output = this.#tensor(definition.output, this.#symbols.operator.outputs);
    switch (definition.kind) {
      case 'map': {
        const worlds = this.#over(given, definition.indices, denseShape(output));
        this.#visit(definition.value, worlds);
        if (output.kind === 'dense' && output.range)
          this.#report.contents(definition.output, definition.value, output.range, worlds);
        return;
      }
      case 'attend': {
        const { indices, key, low, high, mask, score, valueIndex, value } = definition;
        const shape = denseShape(output);
        const outer = this.#over(given, indices, shape.slice(0, -1));
        this.#visit(low, outer);
        this.#visit(high, outer);
        const perKey = this.#between(outer, key, low, high);
        if (mask) this.#visit(mask, perKey);
        this.#visit(score, perKey);
        this.#visit(value, this.#over(perKey, [valueIndex], shape.slice(-1)));
        return;
      }
      case 'scatter':
        this.#scatter(definition, output, given);
    }
  }

  #scatter(definition: ScatterDefinition, output: TensorDeclaration, given: Worlds): void {
    const { extent, variable: place, slot, writes } = definition;
    this.#visit(extent, given);
    const worlds = this.#over(given, [place], [extent]);
    for (const [axis, index] of slot.entries()) {
      this.#visit(index, worlds);
      const end = output.kind === 'dense' ? output.shape[axis] : undefined;
      if (end === undefined) this.#report.pagedSlot(definition.output, index);
      else this.#report.slot(definition.output, index, end, worlds);
    }
    for (const { field, indices, value } of writes) {
      const shape =
        output.kind === 'dense'
          ? output.shape.slice(slot.length)
          : (output.fields.find(({ name }) => name === field)?.shape ?? []);
      this.#visit(value, this.#over(worlds, indices, shape));
    }
  }

  #visit(node: Expression, worlds: Worlds): void {
    const contexts = this.#visited.get(node) ?? new Set();
    if (contexts.has(worlds)) return;
    this.#visited.set(node, contexts.add(worlds));
    switch (node.kind) {
      case 'select':
        this.#visit(node.condition, worlds);
        this.#visit(node.then, this.#where(worlds, node.condition, true));
        this.#visit(node.otherwise, this.#where(worlds, node.condition, false));
        return;
      case 'logical':
        this.#visit(node.left, worlds);
        this.#visit(node.right, this.#where(worlds, node.left, node.op === '&&'));
        return;
      case 'reduce': {
        for (const part of [node.extent, node.parameter, node.count]) if (part) this.#visit(part, worlds);
        if (node.op === 'topN' && node.parameter && node.count)
          this.#report.place(node, node.parameter, node.count, worlds);
        this.#visit(node.body, this.#over(worlds, [node.variable], [node.extent]));
        return;
      }
      case 'load':
        for (const [axis, index] of node.indices.entries()) {
          this.#visit(index, worlds);
          const { extent, rank } = this.#extentOf(node, axis);
          this.#report.load(node, index, extent, axisName(axis, rank, node.field !== null), worlds);
        }
        return;
      case 'batch':
        this.#visit(node.of, worlds);
        this.#report.batch(node, worlds);
        return;
      case 'binary':
      case 'compare':
        this.#visit(node.left, worlds);
        this.#visit(node.right, worlds);
        return;
      case 'intrinsic':
        for (const arg of node.args) this.#visit(arg, worlds);
        return;
      case 'negate':
      case 'not':
      case 'convert':
      case 'round':
        this.#visit(node.operand, worlds);
    }
  }

  /** The extent of a load's axis. A paged field has sequences, then as many positions as the sequence has tokens. */
  #extentOf(load: Expression & { kind: 'load' }, axis: number): { readonly extent: Expression; readonly rank: number } {
    const tensor = this.#tensor(load.tensor, this.#symbols.operator.inputs);
    const shape =
      tensor.kind === 'dense' ? tensor.shape : (tensor.fields.find((field) => field.name === load.field)?.shape ?? []);
    const rank = tensor.kind === 'dense' ? shape.length : shape.length + 2;
    if (tensor.kind === 'dense' || axis >= 2) {
      const extent = shape[tensor.kind === 'dense' ? axis : axis - 2];
      if (extent === undefined) throw new Error(`${load.tensor} has no axis ${axis}`);
      return { extent, rank };
    }
    const [sequence] = load.indices;
    if (sequence === undefined) throw new Error(`${load.tensor} is read without a sequence`);
    if (axis === 1)
      return { extent: { kind: 'batch', type: 'i32', query: 'contextLen', of: sequence, span: load.span }, rank };
    const ragged = this.#symbols.operator.dimensions.find((dimension) => dimension.raggedOver !== null);
    return { extent: { kind: 'dim', type: 'i32', name: ragged?.raggedOver ?? '', span: load.span }, rank };
  }

  #over(worlds: Worlds, indices: readonly IndexVariable[], extents: readonly Expression[]): Worlds {
    return indices.reduce((known, index, axis) => {
      const extent = extents[axis];
      return extent === undefined ? known : this.#between(known, index, null, extent);
    }, worlds);
  }

  /** What is known once `index` runs over [low, high); low null is 0. */
  #between(worlds: Worlds, index: IndexVariable, low: Expression | null, high: Expression): Worlds {
    const value = variable(this.#symbols.atoms, index);
    const lows = low === null ? [{ facts: [], value: constant(0) }] : casesOf(this.#symbols, low);
    const bounds = lows.flatMap((from) =>
      casesOf(this.#symbols, high).map((to) => [
        ...from.facts,
        ...to.facts,
        ...between(value, from.value, to.value),
        nonEmpty(from.value, to.value),
      ]),
    );
    return bothOf(worlds, bounds);
  }

  #where(worlds: Worlds, condition: Expression, holds: boolean): Worlds {
    return bothOf(worlds, worldsWhere(this.#symbols, condition, holds));
  }

  #tensor(name: string, among: readonly TensorDeclaration[]): TensorDeclaration {
    const found = among.find((tensor) => tensor.name === name);
    if (found === undefined) throw new Error(`no tensor ${name}`);
    return found;
  }
}

/** Where an index runs over a range at all, the range is not empty. */
const nonEmpty = (low: ReturnType<typeof constant>, high: ReturnType<typeof constant>) =>
  subtract(subtract(high, low), constant(1));

function denseShape(tensor: TensorDeclaration): readonly Expression[] {
  return tensor.kind === 'dense' ? tensor.shape : [];
}
