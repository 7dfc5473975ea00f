/** The single checks of the range pass, and their messages in the author's terms. */
import { type DiagnosticCode, type DiagnosticDetails, diagnose } from '../../diagnostics/catalog.ts';
import type { Diagnostic } from '../../ir/diagnostic.ts';
import type { Expression, Span } from '../../ir/expression.ts';
import type { DenseDeclaration } from '../../ir/operator.ts';
import { printExpression } from '../../ir/print-expression.ts';
import { type Case, casesOf, polynomialOf, type Symbols } from './cases.ts';
import { atomsOf, constant, type Polynomial, subtract } from './polynomial.ts';
import { isNeverNegative } from './prove.ts';
import { reachOf } from './reach.ts';
import type { Worlds } from './worlds.ts';

type Side = 'low' | 'high';

/** A bound that is not proved: which, and the case it fails in. */
interface Failure {
  readonly side: Side;
  readonly index: Case;
}

export class RangeReport {
  readonly diagnostics: Diagnostic[] = [];
  readonly #symbols: Symbols;

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
  }

  load(load: Expression & { kind: 'load' }, index: Expression, extent: Expression, axis: string, worlds: Worlds): void {
    const bound = polynomialOf(this.#symbols, extent);
    const failure = this.#failure(index, constant(0), bound, worlds);
    if (failure === null) return;
    const tensor = load.field === null ? load.tensor : `${load.tensor}.${load.field}`;
    const text = printExpression(index);
    const end = printExpression(extent);
    const span = index.kind === 'index' ? load.span : index.span;
    const source = this.#unboundedAtom(failure.index.value);
    const reach = reachOf(this.#symbols.atoms, failure.index, failure.side === 'high', bound, worlds);
    if (source?.kind === 'tensor') this.#add(span, 'range-undeclared', tensor, axis, text, source.name, end);
    else if (source?.kind === 'attr') this.#add(span, 'range-attr', tensor, axis, text, source.name);
    else if (reach === null) this.#add(span, 'range-unproved', tensor, axis, text, end);
    else if (failure.side === 'high')
      this.#add(span, 'range-high', tensor, axis, text, reach, end, this.#swapped(load, end, reach));
    else this.#add(span, 'range-low', tensor, axis, text, reach, end);
  }

  /** The shape of a tensor one of whose other axes is as long as the index reaches; null where none is. */
  #swapped(load: Expression & { kind: 'load' }, extent: string, reach: string): string | null {
    const declared = this.#symbols.operator.inputs.find(({ name }) => name === load.tensor);
    if (declared?.kind !== 'dense') return null;
    const shape = declared.shape.map((axis) => printExpression(axis));
    return shape.some((axis) => axis !== extent && reach === `${axis} - 1`) ? `[${shape.join(', ')}]` : null;
  }

  division({ left, right, span }: Expression & { kind: 'binary' }): void {
    this.#add(span, 'division-not-exact', printExpression(left), printExpression(right));
  }

  /** seq, pos and slot take a token, the others a sequence. */
  batch(node: Expression & { kind: 'batch' }, worlds: Worlds): void {
    const ragged = this.#symbols.operator.dimensions.find((dimension) => dimension.raggedOver !== null);
    if (ragged?.raggedOver == null) return;
    const takesToken = node.query === 'seq' || node.query === 'pos' || node.query === 'slot';
    const name = takesToken ? ragged.name : ragged.raggedOver;
    const failure = this.#failure(node.of, constant(0), this.#symbols.atoms.dimension(name), worlds);
    if (failure !== null)
      this.#add(
        node.span,
        'batch-range',
        node.query,
        printExpression(node.of),
        `${takesToken ? 'tokens' : 'sequences'} [0, ${name})`,
      );
  }

  /** The slot of a dense state: below the extent; a negative one skips. */
  slot(tensor: string, slot: Expression, extent: Expression, worlds: Worlds): void {
    const failure = this.#failure(slot, null, polynomialOf(this.#symbols, extent), worlds);
    if (failure !== null) this.#add(slot.span, 'slot-range', tensor, printExpression(slot), printExpression(extent));
  }

  /** How many slots a paged cache has is the engine's business: only slots of the batch are known to be within. */
  pagedSlot(tensor: string, slot: Expression): void {
    const isSlot = (node: Expression): boolean =>
      (node.kind === 'batch' && node.query === 'slot') ||
      (node.kind === 'number' && node.value < 0) ||
      (node.kind === 'select' && isSlot(node.then) && isSlot(node.otherwise));
    if (!isSlot(slot)) this.#add(slot.span, 'paged-slot', tensor, printExpression(slot));
  }

  /** A place of a topN lies in [0, count), and there are as many values. */
  place(node: Expression & { kind: 'reduce' }, place: Expression, count: Expression, worlds: Worlds): void {
    const failure = this.#failure(place, constant(0), polynomialOf(this.#symbols, count), worlds);
    if (failure !== null) this.#add(node.span, 'place-range', printExpression(place), printExpression(count));
    const extent = polynomialOf(this.#symbols, node.extent);
    const tooMany = this.#failure(count, null, this.#plusOne(extent), worlds);
    if (tooMany !== null) this.#add(node.span, 'count-range', printExpression(count), printExpression(node.extent));
  }

  /** An output with declared contents keeps to them: its readers rely on it. */
  contents(output: string, value: Expression, range: NonNullable<DenseDeclaration['range']>, worlds: Worlds): void {
    const low = polynomialOf(this.#symbols, range.low);
    const failure = this.#failure(value, low, polynomialOf(this.#symbols, range.high), worlds);
    if (failure === null) return;
    this.#add(
      value.span,
      'contents-range',
      output,
      printExpression(value),
      `[${printExpression(range.low)}, ${printExpression(range.high)})`,
    );
  }

  /** The first bound that does not hold in some world and case; low null is not asked for. */
  #failure(index: Expression, low: Polynomial | null, high: Polynomial, worlds: Worlds): Failure | null {
    const { atoms } = this.#symbols;
    for (const one of casesOf(this.#symbols, index)) {
      for (const world of worlds) {
        const facts = [...world, ...one.facts];
        if (low !== null && !isNeverNegative(atoms, subtract(one.value, low), facts))
          return { side: 'low', index: { ...one, facts } };
        const room = subtract(subtract(high, one.value), constant(1));
        if (!isNeverNegative(atoms, room, facts)) return { side: 'high', index: { ...one, facts } };
      }
    }
    return null;
  }

  #unboundedAtom(index: Polynomial) {
    for (const id of atomsOf(index)) {
      const { unbounded } = this.#symbols.atoms.byId(id);
      if (unbounded !== null) return unbounded;
    }
    return null;
  }

  #plusOne(p: Polynomial): Polynomial {
    return subtract(p, constant(-1));
  }

  #add<Code extends DiagnosticCode>(span: Span, code: Code, ...details: DiagnosticDetails<Code>): void {
    const found = diagnose(span, code, ...details);
    const isKnown = this.diagnostics.some(
      (known) => known.message === found.message && known.span.line === span.line && known.span.column === span.column,
    );
    if (!isKnown) this.diagnostics.push(found);
  }
}

/** What an author would call an axis: of a matrix row and column, of a paged field sequence and position. */
export function axisName(axis: number, rank: number, isPaged: boolean): string {
  if (isPaged) return ['sequence', 'position'][axis] ?? `${ordinals[axis - 2] ?? 'last'} index`;
  if (rank === 1) return 'index';
  if (rank === 2) return axis === 0 ? 'row' : 'column';
  return `${ordinals[axis] ?? 'last'} index`;
}

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth'];
