/** The structure of a program, without names and constants: what tells two of them apart, and what they are counted by. */
import { childrenOf, nodesOf } from '../../codegen/ir/children.ts';
import { expressionsOf } from '../../codegen/ir/definitions.ts';
import type { Expression } from '../../codegen/ir/expression.ts';
import type { Definition, OperatorIr } from '../../codegen/ir/operator.ts';

export interface Structure {
  readonly key: string;
  /** Operations on values: arithmetic, functions, comparisons, ternaries, reductions. */
  readonly operations: number;
  readonly reduces: boolean;
}

export function structureOf({ definitions, inputs }: OperatorIr): Structure {
  const nodes = nodesOf(...definitions.flatMap(expressionsOf));
  const ranks = new Map(
    inputs.map((input) => [input.name, input.kind === 'dense' ? `${input.element}${input.shape.length}` : 'paged']),
  );
  return {
    key: definitions.map((definition) => keyOf(definition, ranks)).join('\n'),
    operations: nodes.filter(({ kind }) => operationKinds.has(kind)).length,
    reduces: nodes.some(({ kind }) => kind === 'reduce') || definitions.some(({ kind }) => kind === 'attend'),
  };
}

const operationKinds: ReadonlySet<Expression['kind']> = new Set([
  'binary',
  'negate',
  'compare',
  'logical',
  'not',
  'select',
  'intrinsic',
  'reduce',
]);

/** Indices by how deep they are bound, tensors by type and rank, dimensions and numbers by being such. */
function keyOf(definition: Definition, ranks: ReadonlyMap<string, string>): string {
  const places = new Map<number, string>();
  const memo = new Map<Expression, string>();
  const place = (id: number): string => {
    const known = places.get(id) ?? `i${places.size}`;
    places.set(id, known);
    return known;
  };
  const key = (node: Expression): string => {
    const known = memo.get(node);
    if (known !== undefined) return known;
    const text = `${head(node)}(${childrenOf(node).map(key).join(' ')})`;
    memo.set(node, text);
    return text;
  };
  const head = (node: Expression): string => {
    switch (node.kind) {
      case 'index':
        return place(node.variable.id);
      case 'load':
        return ranks.get(node.tensor) ?? 'load';
      case 'reduce':
        return `${node.op}${place(node.variable.id)}`;
      case 'binary':
      case 'compare':
      case 'logical':
        return node.op;
      case 'intrinsic':
        return node.name;
      case 'batch':
        return node.query;
      case 'number':
      case 'dim':
      case 'attr':
        return 'constant';
      default:
        return node.kind;
    }
  };
  const axes = definition.kind === 'scatter' ? [definition.variable] : definition.indices;
  return `${definition.kind} ${axes.map(({ id }) => place(id)).join(' ')}: ${expressionsOf(definition).map(key).join('; ')}`;
}
