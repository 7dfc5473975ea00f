/**
 * What must hold of every operator that `read` gives, whatever the author wrote. A broken rule is a bug of the reader, so this
 * throws; it names the operator and the rule.
 */

import { childrenOf } from './children.ts';
import { expressionsOf, scopesOf, variablesOf } from './definitions.ts';
import type { Expression, IndexVariable } from './expression.ts';
import type { OperatorIr, TensorDeclaration } from './operator.ts';
import { printExpression } from './print-expression.ts';
import { typeRuleBroken } from './verify-types.ts';

export function verifyOperator(operator: OperatorIr): void {
  const fail = (rule: string): never => {
    throw new Error(`operator ${operator.name}: ${rule}`);
  };
  const dims = new Set(operator.dimensions.map((dimension) => dimension.name));
  const attrs = new Set(operator.attrs.map((attr) => attr.name));
  const bound = new Set<number>();
  const inputs = new Map(operator.inputs.map((input) => [input.name, input]));

  if (dims.size !== operator.dimensions.length) fail('a dimension is declared twice');
  for (const { raggedOver } of operator.dimensions)
    if (raggedOver !== null && !dims.has(raggedOver)) fail(`${raggedOver} is no dimension`);
  for (const output of operator.outputs) {
    const count = operator.definitions.filter((definition) => definition.output === output.name).length;
    if (count !== 1) fail(`the output ${output.name} is defined ${count} times`);
  }
  if (operator.definitions.length !== operator.outputs.length) fail('a definition has no output');

  const bind = (variable: IndexVariable): void => {
    if (bound.has(variable.id)) fail(`the index ${variable.name} (${variable.id}) is bound twice`);
    bound.add(variable.id);
  };
  const checked = new Map<Expression, ReadonlySet<number>>();
  /** Checks a node once and gives the indices that are free in it; a reduction's body is the only place of its variable. */
  const freeIndices = (node: Expression): ReadonlySet<number> => {
    const known = checked.get(node);
    if (known !== undefined) return known;
    const free = new Set(childrenOf(node).flatMap((child) => [...freeIndices(child)]));
    if (node.kind === 'index') free.add(node.variable.id);
    if (node.kind === 'reduce') free.delete(node.variable.id);
    if (node.kind === 'dim' && !dims.has(node.name)) fail(`${node.name} is no dimension`);
    if (node.kind === 'local') fail(`${node.name} is a name of lowering`);
    if (node.kind === 'attr' && !attrs.has(node.name)) fail(`${node.name} is no attr`);
    if (node.kind === 'load') checkLoad(node, inputs.get(node.tensor), fail);
    const broken = typeRuleBroken(node);
    if (broken !== null) fail(`${broken}: ${printExpression(node)}`);
    checked.set(node, free);
    return free;
  };
  const check = (root: Expression, scope: readonly IndexVariable[]): void => {
    const allowed = new Set(scope.map((variable) => variable.id));
    for (const id of freeIndices(root))
      if (!allowed.has(id)) fail(`an index is used outside of its scope: ${printExpression(root)}`);
  };

  for (const shape of [...operator.inputs, ...operator.outputs].flatMap(shapesOf)) check(shape, []);
  for (const fact of operator.where) check(fact, []);
  for (const definition of operator.definitions) {
    for (const variable of variablesOf(definition)) bind(variable);
    for (const [root, scope] of scopesOf(definition)) check(root, scope);
    if (expressionsOf(definition).length !== scopesOf(definition).length)
      fail('an expression of a definition has no scope');
  }
}

function checkLoad(
  load: Expression & { kind: 'load' },
  tensor: TensorDeclaration | undefined,
  fail: (rule: string) => never,
): void {
  if (tensor === undefined) throw fail(`${load.tensor} is no input`);
  const field = tensor.kind === 'paged' ? tensor.fields.find((candidate) => candidate.name === load.field) : undefined;
  const rank = tensor.kind === 'dense' ? tensor.shape.length : field === undefined ? -1 : field.shape.length + 2;
  if ((tensor.kind === 'dense') !== (load.field === null)) fail(`${load.tensor} is read as what it is not`);
  if (rank !== load.indices.length) fail(`${load.tensor} is read at ${load.indices.length} indices`);
  const type = tensor.kind === 'dense' && tensor.element === 'i32' ? 'i32' : 'f32';
  if (type !== load.type) fail(`${load.tensor} is read as ${load.type}`);
}

function shapesOf(tensor: TensorDeclaration): readonly Expression[] {
  if (tensor.kind === 'paged') return tensor.fields.flatMap((field) => field.shape);
  return tensor.range ? [...tensor.shape, tensor.range.low, tensor.range.high] : tensor.shape;
}
