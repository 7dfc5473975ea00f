/**
 * Operators and their types. The author's numbers are all `number`; here an index is i32 and everything else f32. A literal
 * takes the type of what it meets, and an index that meets an f32 becomes one.
 */
import { type BinaryExpression, type ConditionalExpression, Node, SyntaxKind } from 'ts-morph';
import type { Compare, Expression } from '../ir/expression.ts';
import { compareNumbers } from '../ir/make.ts';
import { binary, compare, convert, negate, not, numberNode, select } from './build.ts';
import { type Reader, type Refusal, spanOf, textOf } from './reader.ts';
import { describeValue, type Value } from './values.ts';

/** A value that has a number's meaning: a literal whose type is open, or a scalar that is no condition. */
type Numeric = (Value & { kind: 'number' }) | (Value & { kind: 'scalar' });

const comparisons: Readonly<Record<string, Compare['op']>> = {
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '==': '==',
  '===': '==',
  '!=': '!=',
  '!==': '!=',
};

export function operate(reader: Reader, node: BinaryExpression, left: Value, right: Value): Value {
  const op = node.getOperatorToken().getText();
  if (op === '&&' || op === '||') return logical(reader, node, op, left, right);
  const comparison = comparisons[op];
  if (comparison === undefined && !['+', '-', '*', '/', '%'].includes(op)) throw refuseOperator(reader, node, op);
  const a = numeric(reader, left, node.getLeft());
  const b = numeric(reader, right, node.getRight());
  const span = spanOf(node);
  if (comparison !== undefined) {
    if (a.kind === 'number' && b.kind === 'number')
      return { kind: 'boolean', value: compareNumbers(comparison, a.value, b.value), span };
    const [l, r] = unify(a, b);
    return scalar(compare(comparison, l, r, span));
  }
  if (op === '/') return divide(reader, node, a, b);
  if (op === '%') return remainder(reader, node, a, b);
  if (a.kind === 'number' && b.kind === 'number') return { kind: 'number', value: fold(op, a.value, b.value), span };
  const [l, r] = unify(a, b);
  return scalar(binary(op === '+' ? '+' : op === '-' ? '-' : '*', l, r, span));
}

export function negateValue(reader: Reader, node: Node, operand: Value): Value {
  const value = numeric(reader, operand, node);
  const span = spanOf(node);
  return value.kind === 'number'
    ? { kind: 'number', value: -value.value, span }
    : scalar(negate(value.expression, span));
}

export function notValue(reader: Reader, node: Node, operand: Value): Value {
  if (operand.kind === 'boolean') return { ...operand, value: !operand.value };
  return scalar(not(condition(reader, operand, node), spanOf(node)));
}

export function choose(reader: Reader, node: ConditionalExpression, test: Value, then: Value, otherwise: Value): Value {
  if (test.kind === 'boolean') return test.value ? then : otherwise;
  const decided = condition(reader, test, node.getCondition());
  const isBool = (value: Value): boolean =>
    value.kind === 'boolean' || (value.kind === 'scalar' && value.expression.type === 'bool');
  const [a, b] =
    isBool(then) && isBool(otherwise)
      ? [condition(reader, then, node.getWhenTrue()), condition(reader, otherwise, node.getWhenFalse())]
      : unify(numeric(reader, then, node.getWhenTrue()), numeric(reader, otherwise, node.getWhenFalse()));
  return scalar(select(decided, a, b, spanOf(node)));
}

/** An i32 for a place where only an index makes sense. */
export function asIndex(reader: Reader, value: Value, node: Node, what: string): Expression {
  if (value.kind === 'number' && Number.isInteger(value.value)) return numberNode(value.value, 'i32', value.span);
  if (value.kind === 'scalar' && value.expression.type === 'i32') return value.expression;
  throw reader.refusal(node, 'not-an-index', textOf(node), describeValue(value), what);
}

/** An f32; an index becomes one. */
export function asFloat(reader: Reader, value: Value, node: Node): Expression {
  const given = numeric(reader, value, node);
  return given.kind === 'number'
    ? numberNode(given.value, 'f32', given.span)
    : convert(given.expression, 'f32', given.expression.span);
}

/** The number's own type; a literal is an index if it is whole. */
export function asNumber(reader: Reader, value: Value, node: Node): Expression {
  const given = numeric(reader, value, node);
  if (given.kind === 'scalar') return given.expression;
  return numberNode(given.value, Number.isInteger(given.value) ? 'i32' : 'f32', given.span);
}

export function asPair(reader: Reader, left: Value, right: Value, node: Node): readonly [Expression, Expression] {
  return unify(numeric(reader, left, node), numeric(reader, right, node));
}

export function condition(reader: Reader, value: Value, node: Node): Expression {
  if (value.kind === 'scalar' && value.expression.type === 'bool') return value.expression;
  if (value.kind === 'boolean') {
    const zero = numberNode(0, 'i32', value.span);
    return compare(value.value ? '==' : '!=', zero, zero, value.span);
  }
  throw reader.refusal(node, 'not-a-condition', textOf(node), describeValue(value));
}

function numeric(reader: Reader, value: Value, node: Node): Numeric {
  if (value.kind === 'number') return value;
  if (value.kind === 'scalar' && value.expression.type !== 'bool') return value;
  throw reader.refusal(
    node,
    'not-a-number',
    textOf(node),
    describeValue(value),
    value.kind === 'tensor' || value.kind === 'pagedField',
  );
}

/** Both in one type: i32 if both can be, f32 otherwise. */
function unify(a: Numeric, b: Numeric): readonly [Expression, Expression] {
  const type = isWhole(a) && isWhole(b) ? 'i32' : 'f32';
  const typed = (value: Numeric): Expression =>
    value.kind === 'number'
      ? numberNode(value.value, type, value.span)
      : convert(value.expression, type, value.expression.span);
  return [typed(a), typed(b)];
}

const isWhole = (value: Numeric): boolean =>
  value.kind === 'number'
    ? Number.isInteger(value.value) && Math.abs(value.value) < 2 ** 31
    : value.expression.type === 'i32';

/** f32, or exact on dimensions (`HQ / HK`); a literal over a dimension (`1 / D`) is the f32 fraction it looks like. */
function divide(reader: Reader, node: BinaryExpression, a: Numeric, b: Numeric): Value {
  const span = spanOf(node);
  if (a.kind === 'number' && b.kind === 'number') return { kind: 'number', value: a.value / b.value, span };
  if (!isWhole(a) || !isWhole(b)) {
    const [l, r] = unify(a, b);
    return scalar(binary('/', l, r, span));
  }
  const isOfDimensions = (value: Numeric): boolean => value.kind === 'number' || onlyDimensions(value.expression);
  if (!isOfDimensions(a) || !isOfDimensions(b))
    throw reader.refusal(node, 'index-division', textOf(node.getLeft()), textOf(node.getRight()));
  if (a.kind === 'number') {
    const right =
      b.kind === 'number' ? numberNode(b.value, 'f32', b.span) : convert(b.expression, 'f32', b.expression.span);
    return scalar(binary('/', numberNode(a.value, 'f32', a.span), right, span));
  }
  const [l, r] = unify(a, b);
  return scalar(binary('/', l, r, span));
}

/** JavaScript's % keeps the sign of the dividend: only between dimensions, which are positive, is it the language's mod. */
function remainder(reader: Reader, node: BinaryExpression, a: Numeric, b: Numeric): Value {
  if (a.kind === 'number' && b.kind === 'number')
    return { kind: 'number', value: a.value % b.value, span: spanOf(node) };
  const isOfDimensions = (value: Numeric): boolean =>
    isWhole(value) && (value.kind === 'number' || onlyDimensions(value.expression));
  if (!isOfDimensions(a) || !isOfDimensions(b))
    throw reader.refusal(node, 'index-remainder', textOf(node.getLeft()), textOf(node.getRight()));
  const [l, r] = unify(a, b);
  return scalar(binary('mod', l, r, spanOf(node)));
}

function onlyDimensions(expression: Expression): boolean {
  if (expression.kind === 'number' || expression.kind === 'dim') return true;
  return expression.kind === 'binary' && onlyDimensions(expression.left) && onlyDimensions(expression.right);
}

function logical(reader: Reader, node: BinaryExpression, op: '&&' | '||', left: Value, right: Value): Value {
  if (left.kind === 'boolean') return left.value === (op === '&&') ? right : left;
  const l = condition(reader, left, node.getLeft());
  if (right.kind === 'boolean' && right.value === (op === '&&')) return left;
  const r = condition(reader, right, node.getRight());
  return scalar({ kind: 'logical', type: 'bool', op, left: l, right: r, span: spanOf(node) });
}

function refuseOperator(reader: Reader, node: BinaryExpression, op: string) {
  return isAssignment(node) ? refuseAssignment(reader, node) : reader.refusal(node, 'operator', op);
}

/** `at` is the assignment, or the statement that is one. */
export function refuseAssignment(reader: Reader, node: Node, at: Node = node): Refusal {
  const target = Node.isBinaryExpression(node) ? node.getLeft() : node;
  return reader.refusal(
    at,
    'assignment',
    textOf(at),
    Node.isElementAccessExpression(target) || Node.isCallExpression(target),
  );
}

/** `=`, `+=` and the like, and `++` and `--`. */
export function isAssignment(node: Node | undefined): boolean {
  if (Node.isBinaryExpression(node)) {
    const operator = node.getOperatorToken().getKind();
    return operator >= SyntaxKind.FirstAssignment && operator <= SyntaxKind.LastAssignment;
  }
  if (!Node.isPrefixUnaryExpression(node) && !Node.isPostfixUnaryExpression(node)) return false;
  const operator = node.getOperatorToken();
  return operator === SyntaxKind.PlusPlusToken || operator === SyntaxKind.MinusMinusToken;
}

const scalar = (expression: Expression): Value => ({ kind: 'scalar', expression });

function fold(op: string, a: number, b: number): number {
  return op === '+' ? a + b : op === '-' ? a - b : a * b;
}
