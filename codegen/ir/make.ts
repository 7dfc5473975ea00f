/** Constructors that fold constants of index arithmetic, so that bound dimensions leave plain numbers behind. */
import type { Binary, Compare, Expression, IndexVariable, Span } from './expression.ts';

export function integer(value: number, span: Span): Expression {
  return { kind: 'number', type: 'i32', value, span };
}

export function indexOf(variable: IndexVariable, span: Span): Expression {
  return { kind: 'index', type: 'i32', variable, span };
}

function isInteger(node: Expression, value?: number): node is Extract<Expression, { kind: 'number' }> {
  return node.kind === 'number' && node.type === 'i32' && (value === undefined || node.value === value);
}

/** Folds one node whose operands are folded: i32 arithmetic on constants and neutral elements, f32 factors of one. */
export function fold(node: Expression): Expression {
  if (node.kind === 'negate' && node.operand.kind === 'number') return { ...node.operand, value: -node.operand.value };
  if (node.kind === 'convert' && node.operand.kind === 'number') {
    return { ...node.operand, type: node.type };
  }
  if (node.kind === 'select' && node.condition.kind === 'compare') {
    const known = knownCompare(node.condition);
    if (known !== null) return known ? node.then : node.otherwise;
  }
  if (node.kind !== 'binary') return node;
  return node.type === 'i32' ? foldIndex(node) : foldUnit(node);
}

/** A factor of one changes no bit of an f32. */
function foldUnit(node: Binary & { readonly span: Span }): Expression {
  const isOne = (operand: Expression): boolean => operand.kind === 'number' && operand.value === 1;
  if (node.op === '*' && isOne(node.left)) return node.right;
  if ((node.op === '*' || node.op === '/') && isOne(node.right)) return node.left;
  return node as Expression;
}

function foldIndex(node: Binary & { readonly span: Span }): Expression {
  const { left, right, op, span } = node;
  if (isInteger(left) && isInteger(right)) return integer(evaluate(op, left.value, right.value), span);
  if (op === '+' && isInteger(right, 0)) return left;
  if (op === '+' && isInteger(left, 0)) return right;
  if (op === '-' && isInteger(right, 0)) return left;
  if (op === '*' && isInteger(right, 1)) return left;
  if (op === '*' && isInteger(left, 1)) return right;
  if (op === '*' && (isInteger(left, 0) || isInteger(right, 0))) return integer(0, span);
  if ((op === 'idiv' || op === '/') && isInteger(right, 1)) return left;
  if (op === 'mod' && isInteger(right, 1)) return integer(0, span);
  return node as Expression;
}

function evaluate(op: Binary['op'], a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
    case 'idiv':
      return Math.floor(a / b);
    case 'mod':
      return a - Math.floor(a / b) * b;
    case 'minimum':
      return Math.min(a, b);
    case 'maximum':
      return Math.max(a, b);
  }
}

function knownCompare(node: Extract<Expression, { kind: 'compare' }>): boolean | null {
  if (node.left.kind !== 'number' || node.right.kind !== 'number') return null;
  return compareNumbers(node.op, node.left.value, node.right.value);
}

export function compareNumbers(op: Compare['op'], a: number, b: number): boolean {
  switch (op) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '==':
      return a === b;
    case '!=':
      return a !== b;
  }
}
