/** Constructors of expression nodes, with the few simplifications that keep literals literal. */
import type { Binary, Compare, Expression, Span } from '../ir/expression.ts';

export function numberNode(value: number, type: 'f32' | 'i32', span: Span): Expression {
  return { kind: 'number', type, value, span };
}

/** Both operands have one type, f32 or i32. */
export function binary(op: Binary['op'], left: Expression, right: Expression, span: Span): Expression {
  return { kind: 'binary', type: left.type === 'f32' ? 'f32' : 'i32', op, left, right, span };
}

export function compare(op: Compare['op'], left: Expression, right: Expression, span: Span): Expression {
  return { kind: 'compare', type: 'bool', op, left, right, span };
}

export function negate(operand: Expression, span: Span): Expression {
  return { kind: 'negate', type: operand.type === 'f32' ? 'f32' : 'i32', operand, span };
}

export function not(operand: Expression, span: Span): Expression {
  return { kind: 'not', type: 'bool', operand, span };
}

export function select(condition: Expression, then: Expression, otherwise: Expression, span: Span): Expression {
  return { kind: 'select', type: then.type, condition, then, otherwise, span };
}

/** A literal changes its type in place, also as a side of a ternary: `c ? 1 : 0` is f32 where it meets one. */
export function convert(operand: Expression, type: 'f32' | 'i32', span: Span): Expression {
  if (operand.type === type) return operand;
  if (operand.kind === 'number') return { ...operand, type };
  if (operand.kind === 'select' && operand.then.kind === 'number' && operand.otherwise.kind === 'number') {
    return select(
      operand.condition,
      convert(operand.then, type, span),
      convert(operand.otherwise, type, span),
      operand.span,
    );
  }
  return { kind: 'convert', type, operand, span };
}
