/** Lowers a product and the maps around it: the roles of the output's axes, the products, and the epilogue over them. */
import type { ContractKernel, Operand } from '../ir/kernel.ts';
import type { MapDefinition } from '../ir/operator.ts';
import type { BoundDefinition, Program } from '../ir/program.ts';
import { walk } from '../ir/rewrite.ts';
import { contractionRoles, extractContractions, matchContraction, operandVariables } from './contraction.ts';
import { axesOf } from './extent.ts';

export function lowerContract(
  program: Program,
  bound: BoundDefinition,
  definition: MapDefinition,
  name: string,
): ContractKernel {
  const axes = axesOf(program, definition);
  const ids = new Set(axes.map((axis) => axis.variable.id));
  const columns = columnVariables(definition, ids);
  const isColumn = (operand: Operand): boolean => [...operandVariables(operand)].some((id) => columns.has(id));
  const { expression: epilogue, products } = extractContractions(definition.value, isColumn);
  const roles = axes.map(({ variable }) => {
    const inRow = products.some((product) => operandVariables(product.row).has(variable.id));
    const inColumn = products.some((product) => operandVariables(product.column).has(variable.id));
    return inRow && inColumn ? 'batch' : inColumn ? 'column' : 'row';
  });
  return {
    kind: 'contract',
    name,
    anchors: [bound.anchor],
    label: bound.label,
    output: definition.output,
    axes,
    roles,
    products,
    epilogue,
  };
}

/** The axes that the operand without the leading axis ranges over alone. */
function columnVariables(definition: MapDefinition, ids: ReadonlySet<number>): ReadonlySet<number> {
  const columns = new Set<number>();
  walk(definition.value, (node) => {
    if (node.kind !== 'reduce') return;
    const match = matchContraction(node);
    const roles = match && contractionRoles(match.left, match.right, ids);
    if (!roles) return;
    const [first] = definition.indices;
    const leftHasRows = first !== undefined && roles.left.has(first.id);
    const rightHasRows = first !== undefined && roles.right.has(first.id);
    const column = rightHasRows && !leftHasRows ? roles.left : roles.right;
    for (const id of column) columns.add(id);
  });
  return columns;
}
