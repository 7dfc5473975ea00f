/**
 * Prints the statements of a row for a group of threads that work on it together. Independent iterations of an innermost loop
 * go to threads, in pieces where memory allows, those of a loop around it to warps; what a row computes once, every thread
 * computes. Between a write and what other threads read of it stands a barrier, and nowhere else.
 */
import { assertNever } from '../../ir/assert-never.ts';
import type { Expression } from '../../ir/expression.ts';
import type { Statement } from '../../ir/statement.ts';
import { snakeCase } from '../../names.ts';
import { pagedRow, rowPointer } from '../address.ts';
import { printC } from '../c-expression.ts';
import { printRowSource, printStatements } from '../c-statements.ts';
import { cType, elementKey, type KernelScope } from '../kernel-scope.ts';
import { type Access, accessOf, accessOfExpressions, Hazards, memoryOf } from './hazards.ts';
import { KeptPieces, type Loop, type LoopPieces, type Piece, piecesOf } from './pieces.ts';

export interface GroupContext {
  readonly scope: KernelScope;
  /** The C++ object that stands for the group: `group` where a row may have a cluster of blocks. */
  readonly group: 'block' | 'warp' | 'group';
  /** Threads of the group. */
  readonly lanes: number;
  /** Whether there are as many on every GPU, so that it is known which elements a thread has. */
  readonly isFixed: boolean;
  /** Where a buffer of the row lies, as a pointer. */
  readonly place: (name: string) => string;
}

export function printForGroup(statements: readonly Statement[], context: GroupContext, indent: string): string {
  return printBody(statements, context, new Hazards(), indent);
}

/** What the printed statements of a body have left: unfinished accesses, and pieces in registers. */
interface State {
  readonly hazards: Hazards;
  readonly kept: KeptPieces;
  /** Where the next loop over warps begins: behind those that the loop before it occupies. */
  readonly warps: { next: number };
}

function printBody(statements: readonly Statement[], context: GroupContext, hazards: Hazards, indent: string): string {
  const kept = context.isFixed ? KeptPieces.of(statements, context.lanes, context.scope) : KeptPieces.none();
  return printAll(statements, context, { hazards, kept, warps: { next: 0 } }, indent);
}

function printAll(statements: readonly Statement[], context: GroupContext, state: State, indent: string): string {
  return statements
    .map((statement) => {
      const text = printOne(statement, context, state, indent);
      // A loop in pieces has itself kept what it wrote.
      if (statement.kind !== 'loop') state.kept.forget(accessOf(statement, context.scope).writes);
      return text;
    })
    .join('\n');
}

function printOne(statement: Statement, context: GroupContext, state: State, indent: string): string {
  const { scope, group } = context;
  const { hazards } = state;
  const p = (node: Expression): string => printC(node, scope);
  /** The barrier that stands before an access, if one has to. */
  const before = (access: Access): string => (hazards.enter(access) ? `${indent}${group}.sync();\n` : '');
  const alone = (text: string): string => `${indent}if (${group}.leads()) ${text.trimStart()}`;
  switch (statement.kind) {
    case 'comment':
      return `${indent}// ${statement.text}`;
    case 'declare':
    case 'accumulate':
      return `${before(accessOf(statement, scope))}${printStatements([statement], scope, indent)}`;
    case 'store':
    case 'fill':
      return `${before(accessOf(statement, scope))}${alone(printStatements([statement], scope, indent))}`;
    case 'buffer':
      return `${indent}${statement.element === 'f32' ? 'float' : 'int32_t'}* const ${scope.local(statement.name)} = ${context.place(statement.name)};`;
    case 'if': {
      const condition = `${before(accessOfExpressions([statement.condition], scope))}${indent}if (${p(statement.condition)}) {`;
      const inside = hazards.branch();
      const body = printAll(
        statement.body,
        context,
        { ...state, hazards: inside, kept: state.kept.branch() },
        `${indent}  `,
      );
      hazards.join(inside);
      return `${condition}\n${body}\n${indent}}`;
    }
    case 'choose':
      throw new Error('each thread of a group takes the side of a ternary that it needs');
    case 'selectRow': {
      const barrier = before(accessOf(statement, scope));
      const name = scope.local(statement.name);
      const call = `${snakeCase(statement.op)}(${group}, ${printRowSource(statement.row, scope)}, ${p(statement.extent)}`;
      const parameter = statement.parameter ? `, ${p(statement.parameter)}` : '';
      if (statement.op === 'topN') return `${barrier}${indent}${call}${parameter || ', 1'}, ${name});`;
      return `${barrier}${indent}${name} = ${call}${parameter});`;
    }
    case 'loop':
      return printLoop(statement, context, state, indent);
    default:
      return assertNever(statement);
  }
}

function printLoop(loop: Loop, context: GroupContext, state: State, indent: string): string {
  const { scope, group, lanes } = context;
  const taken = piecesOf(loop, lanes, scope);
  if (taken) return printInPieces(loop, taken, context, state, indent);
  const access = accessOf(loop, scope);
  state.kept.forget(access.writes);
  const [low, high] = [printC(loop.low, scope), printC(loop.high, scope)];
  const barrier = state.hazards.enter(access) ? `${indent}${group}.sync();\n` : '';
  const from = (rank: string): string => (low === '0' ? rank : `${low} + ${rank}`);
  return scope.within(loop.variable, (index) => {
    if (loop.simd) {
      const head = `${indent}for (int ${index} = ${from(`${group}.rank()`)}; ${index} < ${high}; ${index} += ${group}.size) {`;
      const body = printStatements(loop.body, scope, `${indent}  `);
      return `${barrier}${head}\n${body}\n${indent}}${printFolds(loop, context, indent)}`;
    }
    const inner = new Hazards();
    if (group !== 'warp' && isForWarps(loop)) {
      const warps: GroupContext = { ...context, group: 'warp', lanes: 32, isFixed: true };
      const body = printBody(loop.body, warps, inner, `${indent}  `);
      const first = firstWarp(loop, lanes / 32, state);
      return `${barrier}${indent}for (int ${index} = ${from(first === 0 ? `${group}.warp()` : `${group}.warp_from(${first})`)}; ${index} < ${high}; ${index} += ${group}.warps) {\n${body}\n${indent}}`;
    }
    const body = printBody(loop.body, context, inner, `${indent}  `);
    // The next iteration may write what threads of this one still read.
    const between = inner.hasWrites ? `\n${indent}  ${group}.sync();` : '';
    return `${barrier}${indent}for (int ${index} = ${low}; ${index} < ${high}; ++${index}) {\n${body}${between}\n${indent}}`;
  });
}

/** The warp that takes the first iteration. Loops that do not wait for each other so run on warps of their own. */
function firstWarp({ low, high }: Loop, warps: number, { warps: place }: State): number {
  if (low.kind !== 'number' || high.kind !== 'number') return 0;
  const first = place.next;
  place.next = (first + high.value - low.value) % warps;
  return first;
}

function printFolds(loop: Loop, { scope, group }: GroupContext, indent: string): string {
  return loop.reductions
    .map(({ op, name }) => {
      const local = scope.local(name);
      return `\n${indent}${local} = ${group}.${op === '+' ? 'sum' : 'maximum'}(${local});`;
    })
    .join('');
}

function printInPieces(loop: Loop, taken: LoopPieces, context: GroupContext, state: State, indent: string): string {
  const { scope, group } = context;
  const { kept } = state;
  const isKept = (target: Piece['target']): boolean =>
    taken.pieces.some((piece) => piece.element === elementKey(target) && kept.nameOf(piece.key) !== undefined);
  const access = accessOf(loop, scope, isKept);
  const barrier = state.hazards.enter(access) ? `${indent}${group}.sync();\n` : '';
  const used = taken.pieces.filter((piece) => !piece.isGuarded || kept.nameOf(piece.key) !== undefined);
  const keeps = taken.rounds === 1 && context.isFixed;
  const places = used.map((piece) => {
    const known = piece.isStored ? undefined : kept.nameOf(piece.key);
    return { piece, name: known ?? scope.names.fresh(pieceName(piece, scope)), isKnown: known !== undefined };
  });
  return scope.within(loop.variable, (index) => {
    const begin = scope.local(`${index}_begin`);
    const inside = `${indent}  `;
    const declared = (isOuter: boolean): string =>
      places
        .filter(({ isKnown, piece }) => !isKnown && (keeps && kept.isWanted(piece.key)) === isOuter)
        .map(
          ({ piece, name }) =>
            `${isOuter ? indent : inside}Vector<${pieceType(piece, scope)}, ${taken.width}> ${name};\n`,
        )
        .join('');
    const loads = places
      .filter(({ piece, isKnown }) => !isKnown && piece.isLoaded)
      .map(({ piece, name }) => `${inside}${name}.load(${pieceAddress(piece, begin, scope)});\n`);
    const elements = new Map(places.map(({ piece, name }) => [piece.element, `${name}[element]`]));
    const body = scope.withElements(elements, () => printStatements(loop.body, scope, `${inside}  `));
    const stores = places
      .filter(({ piece }) => piece.isStored)
      .map(({ piece, name }) => `${inside}${name}.store(${pieceAddress(piece, begin, scope)});\n`);
    const own = new RegExp(`\\b${index}\\b`).test(body) ? `${inside}  const int ${index} = ${begin} + element;\n` : '';
    const outer = declared(true);
    const text = `${declared(false)}${loads.join('')}${inside}for (int element = 0; element < ${taken.width}; ++element) {\n${own}${body}\n${inside}}\n${stores.join('')}`;
    kept.forget(access.writes);
    for (const { piece, name } of places) {
      const base = memoryOf(piece.target, scope);
      // What another thread has written since it was loaded is not what the next loop is to find.
      const isCurrent = piece.isStored || !access.writes.has(base);
      if (keeps && isCurrent && kept.isWanted(piece.key)) kept.keep(piece.key, { name, base });
    }
    return `${barrier}${outer}${indent}${headOf(taken, begin, group, keeps, indent)}\n${text}${indent}}${printFolds(loop, context, indent)}`;
  });
}

/** A loop, or for one round the place of the thread's piece, if it has one. */
function headOf(
  { width, low, high, isWhole }: LoopPieces,
  begin: string,
  group: string,
  isOneRound: boolean,
  indent: string,
): string {
  const first = `const int ${begin} = ${low === 0 ? '' : `${low} + `}${width} * ${group}.rank();`;
  if (!isOneRound) {
    return `for (int ${first.slice('const int '.length)} ${begin} < ${high}; ${begin} += ${width} * ${group}.size) {`;
  }
  return isWhole ? `{\n${indent}  ${first}` : `if (${first} ${begin} < ${high}) {`;
}

function pieceName({ target }: Piece, scope: KernelScope): string {
  const { tensor } = target;
  if (scope.isBuffer(tensor)) return `${scope.local(tensor)}_piece`;
  return `${scope.isLocal(tensor) ? scope.localValue(tensor) : scope.parameter(tensor).name}_piece`;
}

function pieceType({ target }: Piece, scope: KernelScope): string {
  return scope.isBuffer(target.tensor) ? 'float' : cType(scope.value(target.tensor).storage);
}

function pieceAddress({ target, shift, isStored }: Piece, begin: string, scope: KernelScope): string {
  const place = shift === 0 ? begin : `${begin} ${shift < 0 ? '-' : '+'} ${Math.abs(shift)}`;
  if (scope.isBuffer(target.tensor)) return `${scope.local(target.tensor)} + ${place}`;
  if (isStored && !scope.isLocal(target.tensor)) scope.parameter(target.tensor, true);
  if (scope.value(target.tensor).paged) return `${pagedRow(target, scope, 'write')} + ${place}`;
  return `${rowPointer(target, target.indices.slice(0, -1), scope)} + ${place}`;
}

/** Iterations that share nothing: no running reduction, and no buffer of the row. */
function isForWarps(loop: Loop): boolean {
  const usesRow = (statement: Statement): boolean =>
    statement.kind === 'buffer' ||
    statement.kind === 'selectRow' ||
    ((statement.kind === 'loop' || statement.kind === 'if') && statement.body.some(usesRow));
  return loop.reductions.length === 0 && !loop.body.some(usesRow);
}
