/**
 * Prints the statements of a row for a group of threads that work on it together. Independent iterations of an innermost loop
 * go to threads, those of a loop around it to warps; what a row computes once, every thread computes. Between a write and what
 * other threads read of it stands a barrier, and nowhere else.
 */
import { assertNever } from '../../ir/assert-never.ts';
import type { Expression } from '../../ir/expression.ts';
import type { Statement } from '../../ir/statement.ts';
import { snakeCase } from '../../names.ts';
import { printC } from '../c-expression.ts';
import { printRowSource, printStatements } from '../c-statements.ts';
import type { KernelScope } from '../kernel-scope.ts';
import { type Access, accessOf, accessOfExpressions, Hazards } from './hazards.ts';

export interface GroupContext {
  readonly scope: KernelScope;
  /** The C++ object that stands for the group: `group` where a row may have a cluster of blocks. */
  readonly group: 'block' | 'warp' | 'group';
  /** Where a buffer of the row lies, as a pointer. */
  readonly place: (name: string) => string;
}

export function printForGroup(statements: readonly Statement[], context: GroupContext, indent: string): string {
  return printAll(statements, context, new Hazards(), indent);
}

function printAll(statements: readonly Statement[], context: GroupContext, hazards: Hazards, indent: string): string {
  return statements.map((statement) => printOne(statement, context, hazards, indent)).join('\n');
}

function printOne(statement: Statement, context: GroupContext, hazards: Hazards, indent: string): string {
  const { scope, group } = context;
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
      const body = printAll(statement.body, context, inside, `${indent}  `);
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
      return printLoop(statement, context, hazards, indent);
    default:
      return assertNever(statement);
  }
}

function printLoop(
  loop: Extract<Statement, { kind: 'loop' }>,
  context: GroupContext,
  hazards: Hazards,
  indent: string,
): string {
  const { scope, group } = context;
  const [low, high] = [printC(loop.low, scope), printC(loop.high, scope)];
  const barrier = hazards.enter(accessOf(loop, scope)) ? `${indent}${group}.sync();\n` : '';
  const from = (rank: string): string => (low === '0' ? rank : `${low} + ${rank}`);
  return scope.within(loop.variable, (index) => {
    if (loop.simd) {
      const head = `${indent}for (int ${index} = ${from(`${group}.rank()`)}; ${index} < ${high}; ${index} += ${group}.size) {`;
      const body = printStatements(loop.body, scope, `${indent}  `);
      const folds = loop.reductions.map(({ op, name }) => {
        const local = scope.local(name);
        return `\n${indent}${local} = ${group}.${op === '+' ? 'sum' : 'maximum'}(${local});`;
      });
      return `${barrier}${head}\n${body}\n${indent}}${folds.join('')}`;
    }
    const inner = new Hazards();
    if (group !== 'warp' && isForWarps(loop)) {
      const body = printAll(loop.body, { ...context, group: 'warp' }, inner, `${indent}  `);
      return `${barrier}${indent}for (int ${index} = ${from(`${group}.warp()`)}; ${index} < ${high}; ${index} += ${group}.warps) {\n${body}\n${indent}}`;
    }
    const body = printAll(loop.body, context, inner, `${indent}  `);
    // The next iteration may write what threads of this one still read.
    const between = inner.hasWrites ? `\n${indent}  ${group}.sync();` : '';
    return `${barrier}${indent}for (int ${index} = ${low}; ${index} < ${high}; ++${index}) {\n${body}${between}\n${indent}}`;
  });
}

/** Iterations that share nothing: no running reduction, and no buffer of the row. */
function isForWarps(loop: Extract<Statement, { kind: 'loop' }>): boolean {
  const usesRow = (statement: Statement): boolean =>
    statement.kind === 'buffer' ||
    statement.kind === 'selectRow' ||
    ((statement.kind === 'loop' || statement.kind === 'if') && statement.body.some(usesRow));
  return loop.reductions.length === 0 && !loop.body.some(usesRow);
}
