/** Prints the statements of a nest kernel as C. */
import { assertNever } from '../ir/assert-never.ts';
import type { Expression } from '../ir/expression.ts';
import type { RowSource, Statement, StoreTarget } from '../ir/statement.ts';
import { snakeCase } from '../names.ts';
import { pagedRow, rowPointer } from './address.ts';
import { elementOf, printC } from './c-expression.ts';
import { cType, type KernelScope } from './kernel-scope.ts';

export function printStatements(statements: readonly Statement[], scope: KernelScope, indent: string): string {
  return statements
    .map((statement, place) => {
      const following = statements[place + 1];
      if (declaresSum(statement, following)) return printSum(following, scope, indent, 'const float ');
      const previous = statements[place - 1];
      return previous && declaresSum(previous, statement) ? null : printStatement(statement, scope, indent);
    })
    .filter((text) => text !== null)
    .join('\n');
}

function printStatement(statement: Statement, scope: KernelScope, indent: string): string {
  const p = (node: Expression): string => printC(node, scope);
  switch (statement.kind) {
    case 'comment':
      return `${indent}// ${statement.text}`;
    case 'loop': {
      const low = p(statement.low);
      const high = p(statement.high);
      if (isSum(statement)) return printSum(statement, scope, indent);
      const clauses = statement.reductions.map(({ op, name }) => ` reduction(${op}:${scope.local(name)})`).join('');
      const pragma = statement.simd ? `${indent}#pragma omp simd${clauses}\n` : '';
      return scope.within(statement.variable, (index) => {
        const head = `${indent}for (int ${index} = ${low}; ${index} < ${high}; ++${index}) {`;
        return `${pragma}${head}\n${printStatements(statement.body, scope, `${indent}  `)}\n${indent}}`;
      });
    }
    case 'if':
      return `${indent}if (${p(statement.condition)}) {\n${printStatements(statement.body, scope, `${indent}  `)}\n${indent}}`;
    case 'choose': {
      const condition = p(statement.condition);
      const [whenTrue, whenFalse] = [statement.whenTrue, statement.whenFalse].map((side) =>
        printStatements(side, scope, `${indent}  `),
      );
      return `${indent}if (${condition}) {\n${whenTrue}\n${indent}} else {\n${whenFalse}\n${indent}}`;
    }
    case 'declare': {
      const type = statement.value.type === 'f32' ? 'float' : statement.value.type === 'i32' ? 'int' : 'bool';
      return `${indent}${statement.mutable ? '' : 'const '}${type} ${scope.local(statement.name)} = ${p(statement.value)};`;
    }
    case 'accumulate': {
      const name = scope.local(statement.name);
      return statement.op === '+'
        ? `${indent}${name} += ${p(statement.value)};`
        : `${indent}${name} = ws_maximum(${name}, ${p(statement.value)});`;
    }
    case 'store':
      return `${indent}${printStoreOf(statement.target, statement.value, scope)}`;
    case 'buffer': {
      const type = statement.element === 'f32' ? 'float' : 'int32_t';
      return `${indent}${type}* const ${scope.local(statement.name)} = worker.scratch<${type}>(${p(statement.extent)});`;
    }
    case 'fill':
      return `${indent}${filled(statement, scope)} = ${p(statement.value)};`;
    case 'selectRow': {
      const name = scope.local(statement.name);
      const call = `${snakeCase(statement.op)}(${printRowSource(statement.row, scope)}, ${p(statement.extent)}`;
      if (statement.op === 'topN')
        return `${indent}${call}, ${statement.parameter ? p(statement.parameter) : '1'}, ${name});`;
      return `${indent}${name} = ${call}${statement.parameter ? `, ${p(statement.parameter)}` : ''});`;
    }
    default:
      return assertNever(statement);
  }
}

type Loop = Extract<Statement, { kind: 'loop' }>;
type Sum = Loop & { readonly simd: true };

/**
 * Whether a loop of independent iterations is there for a sum of floats. Its order must not be the compiler's choice, which falls
 * otherwise in another kernel, so `sum_of` fixes it.
 */
function isSum(statement: Statement): statement is Sum {
  return statement.kind === 'loop' && statement.simd && summedBy(statement) !== null;
}

function summedBy({ body }: Loop): Extract<Statement, { kind: 'accumulate' }> | null {
  const last = body.at(-1);
  return last?.kind === 'accumulate' && last.op === '+' && last.value.type === 'f32' ? last : null;
}

/** Whether `declaration` is of the sum that the loop behind it computes. */
function declaresSum(declaration: Statement, loop: Statement | undefined): loop is Sum {
  return (
    loop !== undefined &&
    isSum(loop) &&
    declaration.kind === 'declare' &&
    declaration.name === summedBy(loop)?.name &&
    declaration.value.kind === 'number'
  );
}

/** `sum = sum_of(640, [&](int h) { return term; });` */
function printSum(loop: Sum, scope: KernelScope, indent: string, declaration = ''): string {
  const summed = summedBy(loop);
  if (!summed) throw new Error('a sum accumulates');
  const high = printC(loop.high, scope);
  return scope.within(loop.variable, (index) => {
    const head = `${indent}${declaration}${scope.local(summed.name)} = sum_of(${high}, [&](int ${index}) WS_INLINE {`;
    const before = loop.body.slice(0, -1).map((inner) => `${printStatement(inner, scope, `${indent}  `)}\n`);
    return `${head}\n${before.join('')}${indent}  return ${printC(summed.value, scope)};\n${indent}});`;
  });
}

function filled({ name, index }: Extract<Statement, { kind: 'fill' }>, scope: KernelScope): string {
  const register = scope.element({ tensor: name, field: null, indices: [index] });
  return register ?? `${scope.local(name)}[${printC(index, scope)}]`;
}

/** A store; between tensors of one storage the element is copied as it is. */
function printStoreOf(target: StoreTarget, value: Expression, scope: KernelScope): string {
  const { storage } = scope.value(target.tensor);
  if (value.kind !== 'load' || scope.isBuffer(value.tensor) || scope.value(value.tensor).storage !== storage) {
    return printStore(target, printC(value, scope), scope);
  }
  return `${storeElement(target, scope)} = ${elementOf(value, scope)};`;
}

/** `y[…] = from_f32<bf16>(value);` */
export function printStore(target: StoreTarget, value: string, scope: KernelScope): string {
  const { storage } = scope.value(target.tensor);
  return `${storeElement(target, scope)} = ${storage === 'f32' || storage === 'i32' ? value : `from_f32<${cType(storage)}>(${value})`};`;
}

function storeElement(target: StoreTarget, scope: KernelScope): string {
  const register = scope.element(target);
  if (register !== undefined) return register;
  if (!scope.isLocal(target.tensor)) scope.parameter(target.tensor, true);
  const last = target.indices.at(-1);
  const { paged } = scope.value(target.tensor);
  return paged && last ? `${pagedRow(target, scope, 'write')}[${printC(last, scope)}]` : elementOf(target, scope);
}

export function printRowSource(row: RowSource, scope: KernelScope): string {
  return row.kind === 'buffer'
    ? scope.local(row.name)
    : rowPointer({ tensor: row.tensor, field: null }, row.indices, scope);
}
