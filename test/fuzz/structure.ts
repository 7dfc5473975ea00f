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
  readonly traits: ReadonlySet<Trait>;
}

/** What a program may have in it. */
export const traits = [
  'several operators',
  'attend',
  'selection',
  'cache read',
  'cache written',
  'state written',
  'state read',
  'ragged',
] as const;
export type Trait = (typeof traits)[number];

/** Of a program's operators behind one another. */
export function structureOf(operators: readonly OperatorIr[]): Structure {
  const made = new Set<string>();
  const parts = operators.map((operator) => {
    const part = partOf(operator, made);
    for (const { output } of operator.definitions) made.add(output);
    return part;
  });
  return {
    key: parts.map(({ key }) => key).join('\n\n'),
    operations: parts.reduce((sum, { operations }) => sum + operations, 0),
    reduces: parts.some(({ reduces }) => reduces),
    traits: new Set([...(parts.length > 1 ? ['several operators' as const] : []), ...operators.flatMap(traitsOf)]),
  };
}

function traitsOf({ definitions, inputs, dimensions }: OperatorIr): readonly Trait[] {
  const nodes = nodesOf(...definitions.flatMap(expressionsOf));
  const paged = new Set(inputs.flatMap(({ kind, name }) => (kind === 'paged' ? [name] : [])));
  const states = new Set(inputs.flatMap((input) => (input.kind === 'dense' && input.state ? [input.name] : [])));
  const reads = (names: ReadonlySet<string>): boolean =>
    nodes.some((node) => node.kind === 'load' && names.has(node.tensor));
  const writes = (names: ReadonlySet<string>): boolean =>
    definitions.some(({ kind, output }) => kind === 'scatter' && names.has(output));
  const has: Readonly<Record<Exclude<Trait, 'several operators'>, boolean>> = {
    attend: definitions.some(({ kind }) => kind === 'attend'),
    selection: nodes.some((node) => node.kind === 'reduce' && node.op !== 'sum' && node.op !== 'max'),
    'cache read': reads(paged),
    'cache written': writes(paged),
    'state written': writes(states),
    'state read': reads(states),
    ragged: dimensions.some(({ raggedOver }) => raggedOver !== null),
  };
  return (Object.keys(has) as (keyof typeof has)[]).filter((trait) => has[trait]);
}

/** `made`: what operators before give. */
function partOf({ definitions, inputs }: OperatorIr, made: ReadonlySet<string>): Omit<Structure, 'traits'> {
  const nodes = nodesOf(...definitions.flatMap(expressionsOf));
  const ranks = new Map(
    inputs.map((input) => {
      const type = input.kind === 'dense' ? `${input.element}${input.shape.length}` : 'paged';
      return [input.name, made.has(input.name) ? `made ${type}` : type];
    }),
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
