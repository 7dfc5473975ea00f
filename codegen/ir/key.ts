/** A structural key of an expression: equal exactly for expressions that compute the same, whatever their reductions' ids. */
import { assertNever } from './assert-never.ts';
import type { Expression } from './expression.ts';

export function expressionKey(root: Expression): string {
  return key(root, new Map(), new Map());
}

function key(node: Expression, depth: ReadonlyMap<number, number>, memo: Map<Expression, string>): string {
  // Inside a reduction the text depends on the depth of its variable, so only closed levels are remembered.
  const known = depth.size === 0 ? memo.get(node) : undefined;
  if (known !== undefined) return known;
  const text = print(node, depth, memo);
  if (depth.size === 0) memo.set(node, text);
  return text;
}

function print(node: Expression, depth: ReadonlyMap<number, number>, memo: Map<Expression, string>): string {
  const k = (operand: Expression): string => key(operand, depth, memo);
  switch (node.kind) {
    case 'number':
      return `${Object.is(node.value, -0) ? '-0' : node.value}${node.type === 'f32' ? 'f' : ''}`;
    case 'dim':
    case 'attr':
    case 'local':
      return `${node.kind} ${node.name}`;
    case 'index': {
      const level = depth.get(node.variable.id);
      return level === undefined ? `i${node.variable.id}` : `r${level}`;
    }
    case 'load':
      return `${node.tensor}${node.field === null ? '' : `.${node.field}`}[${node.indices.map(k).join(',')}]`;
    case 'batch':
      return `${node.query}(${k(node.of)})`;
    case 'negate':
    case 'not':
      return `${node.kind}(${k(node.operand)})`;
    case 'convert':
      return `${node.type}(${k(node.operand)})`;
    case 'round':
      return `round.${node.element}(${k(node.operand)})`;
    case 'binary':
    case 'compare':
    case 'logical':
      return `(${k(node.left)} ${node.op}${node.type} ${k(node.right)})`;
    case 'select':
      return `(${k(node.condition)}?${k(node.then)}:${k(node.otherwise)})`;
    case 'intrinsic':
      return `${node.name}(${node.args.map(k).join(',')})`;
    case 'reduce': {
      const head = `${node.op}(${k(node.extent)};${node.parameter ? k(node.parameter) : ''};${node.count ? k(node.count) : ''};`;
      const inner = new Map(depth).set(node.variable.id, depth.size);
      return `${head}${key(node.body, inner, memo)})`;
    }
    default:
      return assertNever(node);
  }
}
