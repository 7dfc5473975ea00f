/** The typing rule of each kind of node. */
import { intrinsics } from '../../dsl/lang/intrinsics.ts';
import type { Expression, ScalarType } from './expression.ts';

/** The rule that a node breaks, its operands taken as typed; null if none. */
export function typeRuleBroken(node: Expression): string | null {
  switch (node.kind) {
    case 'number':
      return node.type === 'i32' && !Number.isInteger(node.value) ? 'an i32 literal is whole' : null;
    case 'dim':
    case 'attr':
    case 'index':
    case 'local':
      return null;
    case 'load':
      return unless(all('i32', ...node.indices), 'a load is indexed by i32');
    case 'batch':
      return unless(all('i32', node.of), 'a batch query takes an i32');
    case 'negate':
      return unless(all(node.type, node.operand), 'a negation has the type of its operand');
    case 'not':
      return unless(all('bool', node.operand), 'not takes a bool');
    case 'binary': {
      if (node.op === 'idiv' || node.op === 'mod')
        return unless(all('i32', node, node.left, node.right), `${node.op} is i32`);
      return unless(all(node.type, node.left, node.right), 'operands have the type of their operation');
    }
    case 'compare':
      return unless(
        node.left.type === node.right.type && node.left.type !== 'bool',
        'a comparison is between numbers of one type',
      );
    case 'logical':
      return unless(all('bool', node.left, node.right), 'a logical operation is between bools');
    case 'select':
      return unless(
        all('bool', node.condition) && all(node.type, node.then, node.otherwise),
        'a ternary has a bool and two sides of its type',
      );
    case 'intrinsic': {
      const { arity, argument, result } = intrinsics[node.name];
      return unless(
        node.args.length === arity && node.type === result && all(argument, ...node.args),
        `${node.name} has its declared types`,
      );
    }
    case 'convert':
      return unless(
        node.operand.type !== node.type && node.operand.type !== 'bool',
        "a conversion changes a number's type",
      );
    case 'round':
      return unless(node.operand.type === node.type, 'rounding keeps the type');
    case 'reduce':
      return reduceRuleBroken(node);
  }
}

function reduceRuleBroken(node: Expression & { kind: 'reduce' }): string | null {
  const isIndex = node.op === 'argmax' || node.op === 'topN';
  if (node.type !== (isIndex ? 'i32' : 'f32') || !all('i32', node.extent) || !all('f32', node.body))
    return `${node.op} has its types`;
  if ((node.op === 'topN') !== (node.count !== null)) return 'topN alone has a count';
  const parameter = { sum: null, max: null, argmax: null, topN: 'i32', kthLargest: 'i32', massThreshold: 'f32' }[
    node.op
  ];
  return unless((node.parameter?.type ?? null) === parameter, `the parameter of ${node.op} is ${parameter}`);
}

const all = (type: ScalarType, ...nodes: readonly Expression[]): boolean => nodes.every((node) => node.type === type);

const unless = (holds: boolean, rule: string): string | null => (holds ? null : rule);
