/** Prints expressions as C, with the parentheses that precedence asks for and no others. */

import { targetName } from '../../dsl/lang/intrinsics.ts';
import { assertNever } from '../ir/assert-never.ts';
import type { Expression, Load, ScalarType } from '../ir/expression.ts';
import { elementAddress, pagedRow, rowPointer } from './address.ts';
import { cType, type KernelScope } from './kernel-scope.ts';

/** C's precedence levels, as far as they are used. */
const TERNARY = 1;
const OR = 2;
const AND = 3;
const EQUALITY = 4;
const RELATION = 5;
const SUM = 6;
const PRODUCT = 7;
const UNARY = 8;
const ATOM = 9;

export function printC(node: Expression, scope: KernelScope): string {
  return print(node, scope, TERNARY);
}

/** As printC, in parentheses unless it is an operand that binds tighter than a product. */
export function printOperand(node: Expression, scope: KernelScope): string {
  return print(node, scope, UNARY);
}

function print(node: Expression, scope: KernelScope, outer: number): string {
  const [text, level] = render(node, scope);
  return level < outer ? `(${text})` : text;
}

function render(node: Expression, scope: KernelScope): readonly [string, number] {
  const p = (operand: Expression, level: number): string => print(operand, scope, level);
  switch (node.kind) {
    case 'number':
      return number(node.value, node.type);
    case 'dim':
      return [scope.count(node.name), ATOM];
    case 'attr':
      throw new Error(`attribute ${node.name} was not bound`);
    case 'index':
      return [scope.index(node.variable), ATOM];
    case 'local':
      return [scope.local(node.name), ATOM];
    case 'load':
      return [load(node, scope), ATOM];
    case 'batch':
      return batchQuery(node.query, p(node.of, TERNARY), p(node.of, PRODUCT));
    case 'negate':
      return [`-${p(node.operand, ATOM)}`, UNARY];
    case 'not':
      return [`!${p(node.operand, UNARY)}`, UNARY];
    case 'convert':
      return [`${node.type === 'f32' ? 'float' : 'int'}(${p(node.operand, TERNARY)})`, ATOM];
    case 'round':
      return [`round_to<${cType(node.element)}>(${p(node.operand, TERNARY)})`, ATOM];
    case 'binary':
      return binary(node, scope);
    case 'compare': {
      const level = node.op === '==' || node.op === '!=' ? EQUALITY : RELATION;
      return [`${p(node.left, level + 1)} ${node.op} ${p(node.right, level + 1)}`, level];
    }
    case 'logical': {
      const level = node.op === '&&' ? AND : OR;
      return [`${p(node.left, level)} ${node.op} ${p(node.right, level + 1)}`, level];
    }
    case 'select':
      return [`${p(node.condition, OR)} ? ${p(node.then, OR)} : ${p(node.otherwise, TERNARY)}`, TERNARY];
    case 'intrinsic':
      return [`${targetName(node.name)}(${node.args.map((arg) => p(arg, TERNARY)).join(', ')})`, ATOM];
    case 'reduce':
      throw new Error('a reduction reached the printer: scheduling places them');
    default:
      return assertNever(node);
  }
}

function number(value: number, type: ScalarType): readonly [string, number] {
  if (type !== 'f32') return [String(value), value < 0 ? UNARY : ATOM];
  if (value === Number.POSITIVE_INFINITY) return ['INFINITY', ATOM];
  if (value === Number.NEGATIVE_INFINITY) return ['-INFINITY', UNARY];
  const text = Object.is(value, -0) ? '-0' : String(value);
  return [`${/[.e]/.test(text) ? text : `${text}.0`}f`, value < 0 || Object.is(value, -0) ? UNARY : ATOM];
}

function binary(node: Extract<Expression, { kind: 'binary' }>, scope: KernelScope): readonly [string, number] {
  const p = (operand: Expression, level: number): string => print(operand, scope, level);
  const { op, left, right, type } = node;
  switch (op) {
    case '+':
      return [`${p(left, SUM)} + ${p(right, type === 'i32' ? SUM : SUM + 1)}`, SUM];
    case '-':
      return [`${p(left, SUM)} - ${p(right, SUM + 1)}`, SUM];
    case '*': {
      // A quotient or a remainder on the right is one of its own: `2 * (i % 3)`.
      const isOneProduct = type === 'i32' && right.kind === 'binary' && right.op === '*';
      return [`${p(left, PRODUCT)} * ${p(right, isOneProduct ? PRODUCT : PRODUCT + 1)}`, PRODUCT];
    }
    case '/':
      return [`${p(left, PRODUCT)} / ${p(right, PRODUCT + 1)}`, PRODUCT];
    case 'idiv':
      return isNonNegative(left) && isPositive(right)
        ? [`${p(left, PRODUCT)} / ${p(right, PRODUCT + 1)}`, PRODUCT]
        : [`idiv(${p(left, TERNARY)}, ${p(right, TERNARY)})`, ATOM];
    case 'mod':
      return isNonNegative(left) && isPositive(right)
        ? [`${p(left, PRODUCT)} % ${p(right, PRODUCT + 1)}`, PRODUCT]
        : [`mod(${p(left, TERNARY)}, ${p(right, TERNARY)})`, ATOM];
    case 'minimum':
    case 'maximum':
      return [`ws_${op}(${p(left, TERNARY)}, ${p(right, TERNARY)})`, ATOM];
    default:
      return assertNever(op);
  }
}

/** Indices, and sums and products of what is not negative: there C's division rounds as idiv does. */
function isNonNegative(node: Expression): boolean {
  switch (node.kind) {
    case 'number':
      return node.value >= 0;
    case 'index':
    case 'dim':
      return true;
    case 'batch':
      return node.query !== 'slot';
    case 'binary':
      return node.op !== '-' && isNonNegative(node.left) && isNonNegative(node.right);
    default:
      return false;
  }
}

function isPositive(node: Expression): boolean {
  return (node.kind === 'number' && node.value > 0) || node.kind === 'dim';
}

function batchQuery(query: string, of: string, operand: string): readonly [string, number] {
  switch (query) {
    case 'seqStart':
      return [`batch.seq_start[${of}]`, ATOM];
    case 'seqLen':
      return [`batch.seq_start[${operand} + 1] - batch.seq_start[${of}]`, SUM];
    case 'contextLen':
      return [`batch.context_len[${of}]`, ATOM];
    default:
      return [`batch.${query}[${of}]`, ATOM];
  }
}

/** A load, widened to f32 or i32. */
function load(node: Load, scope: KernelScope): string {
  if (scope.isBuffer(node.tensor)) {
    return `${scope.local(node.tensor)}[${node.indices.map((index) => printC(index, scope)).join('][')}]`;
  }
  const value = scope.value(node.tensor);
  const element = elementOf(node, scope);
  return value.storage === 'f32' || value.storage === 'i32' ? element : `to_f32(${element})`;
}

/** The lvalue of an element. */
export function elementOf(target: Pick<Load, 'tensor' | 'field' | 'indices'>, scope: KernelScope): string {
  const register = scope.element(target);
  if (register !== undefined) return register;
  const value = scope.value(target.tensor);
  const last = target.indices.at(-1);
  if (value.paged) {
    if (!last) throw new Error('a paged field has a last axis');
    return `${pagedRow(target, scope, 'read')}[${printC(last, scope)}]`;
  }
  if (scope.isSegmented(target.tensor) && last) {
    return `${rowPointer(target, target.indices.slice(0, -1), scope)}[${printC(last, scope)}]`;
  }
  return elementAddress(target, scope);
}
