/** Expressions as text that reads like the formula: `(x[t, h] / (1.0 + exp(-x[t, h]))) * x[t, H + h]`. */
import { childrenOf } from './children.ts';
import type { Expression } from './expression.ts';

const precedence: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  mod: 6,
};
const atomic = 9;
const prefix = 7;

/** Names that stand for shared subexpressions, so that a DAG prints in linear space. */
export type SharedNames = ReadonlyMap<Expression, string>;

const none: SharedNames = new Map();

export function printExpression(expression: Expression, shared: SharedNames = none): string {
  return shared.get(expression) ?? printBody(expression, shared);
}

/** The expression itself even where it has a name of its own: the right-hand side of that name. */
export function printBody(expression: Expression, shared: SharedNames = none): string {
  const inner = (child: Expression): string => printExpression(child, shared);
  const list = (items: readonly Expression[]): string => items.map(inner).join(', ');
  switch (expression.kind) {
    case 'number':
      return printNumber(expression.value, expression.type);
    case 'dim':
    case 'attr':
    case 'local':
      return expression.name;
    case 'index':
      return expression.variable.name;
    case 'load':
      return `${expression.tensor}${expression.field === null ? '' : `.${expression.field}`}[${list(expression.indices)}]`;
    case 'batch':
      return `${expression.query}(${inner(expression.of)})`;
    case 'negate':
      return `-${operand(expression.operand, prefix, shared)}`;
    case 'not':
      return `!${operand(expression.operand, prefix, shared)}`;
    case 'binary':
      if (expression.op === 'idiv' || expression.op === 'minimum' || expression.op === 'maximum') {
        return `${expression.op}(${inner(expression.left)}, ${inner(expression.right)})`;
      }
      return infix(expression.op, expression.left, expression.right, shared);
    case 'compare':
    case 'logical':
      return infix(expression.op, expression.left, expression.right, shared);
    case 'select':
      return `${operand(expression.condition, 1, shared)} ? ${operand(expression.then, 1, shared)} : ${operand(expression.otherwise, 0, shared)}`;
    case 'intrinsic':
      return `${expression.name}(${list(expression.args)})`;
    case 'convert':
      return `${expression.type}(${inner(expression.operand)})`;
    case 'round':
      return `${expression.element}(${inner(expression.operand)})`;
    case 'reduce': {
      const parameters = [expression.parameter, expression.count].filter((item) => item !== null).map(inner);
      return `${expression.op}(${[`${expression.variable.name} < ${operand(expression.extent, 4, shared)}`, ...parameters, inner(expression.body)].join(', ')})`;
    }
  }
}

/**
 * Names `%1`, `%2`, … for the large subexpressions that are met more than once under `root`, operands first. Small ones
 * (a load with its indices) print as often as they are met: that reads better.
 */
export function nameShared(root: Expression, smallSize = 12): SharedNames {
  const uses = new Map<Expression, number>();
  const sizes = new Map<Expression, number>();
  const order: Expression[] = [];
  const visit = (node: Expression): number => {
    uses.set(node, (uses.get(node) ?? 0) + 1);
    const known = sizes.get(node);
    if (known !== undefined) return known;
    const size = 1 + childrenOf(node).reduce((total, child) => total + visit(child), 0);
    sizes.set(node, size);
    order.push(node);
    return size;
  };
  visit(root);
  const shared = order.filter((node) => (uses.get(node) ?? 0) > 1 && (sizes.get(node) ?? 0) > smallSize);
  return new Map(shared.map((node, place) => [node, `%${place + 1}`]));
}

function infix(op: string, left: Expression, right: Expression, shared: SharedNames): string {
  const own = precedence[op] ?? 0;
  const leftText = sameChain(op, left) ? printExpression(left, shared) : operand(left, own + 1, shared);
  return `${leftText} ${op} ${operand(right, own + 1, shared)}`;
}

/** `a + b + c` and `a * b * c` need no parentheses on the left; other neighbours of one precedence get them, for the reader. */
function sameChain(op: string, left: Expression): boolean {
  return 'op' in left && left.op === op && op !== '==' && op !== '!=' && precedence[op] !== 4;
}

function operand(expression: Expression, least: number, shared: SharedNames): string {
  const text = printExpression(expression, shared);
  return shared.has(expression) || precedenceOf(expression) >= least ? text : `(${text})`;
}

function precedenceOf(expression: Expression): number {
  switch (expression.kind) {
    case 'binary':
    case 'compare':
    case 'logical':
      return precedence[expression.op] ?? atomic;
    case 'select':
      return 0;
    case 'negate':
    case 'not':
      return prefix;
    case 'number':
      return expression.value < 0 ? prefix : atomic;
    default:
      return atomic;
  }
}

function printNumber(value: number, type: 'f32' | 'i32'): string {
  if (!Number.isFinite(value)) return String(value);
  const text = String(value);
  return type === 'f32' && !/[.e]/.test(text) ? `${text}.0` : text;
}
