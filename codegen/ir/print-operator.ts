/** An operator's IR as stable text, for `--emit read`, for tests and for people. The form is that of docs/language.md. */
import type { Expression } from './expression.ts';
import type { Definition, DimensionDeclaration, OperatorIr, TensorDeclaration } from './operator.ts';
import { nameShared, printBody, printExpression } from './print-expression.ts';

export function printOperator(operator: OperatorIr): string {
  const lines = [
    `operator ${operator.name}(${printDimensions(operator.dimensions)})`,
    ...operator.where.map((fact) => `  where  ${printExpression(fact)}`),
    ...operator.inputs.map((input) => `  input  ${printDeclaration(input)}`),
    ...operator.attrs.map((attr) => `  attr   ${attr.name}: ${attr.type}`),
    ...operator.outputs.map((output) => `  output ${printDeclaration(output)}`),
    ...(operator.relaxed ? ['  relaxed'] : []),
    ...operator.definitions.flatMap(printDefinition),
  ];
  return `${lines.join('\n')}\n`;
}

function printDimensions(dimensions: readonly DimensionDeclaration[]): string {
  const sequences = new Set(dimensions.map((dimension) => dimension.raggedOver));
  return dimensions
    .filter((dimension) => !sequences.has(dimension.name))
    .map(({ name, raggedOver }) => (raggedOver === null ? name : `${name} ragged over ${raggedOver}`))
    .join(', ');
}

function printDeclaration(declaration: TensorDeclaration): string {
  if (declaration.kind === 'paged') {
    const fields = declaration.fields.map((field) => `${field.name}[${printList(field.shape)}]`);
    return `${declaration.name}: paged { ${fields.join(', ')} }`;
  }
  const { name, element, shape, range, state } = declaration;
  const contents = range ? ` in [${printExpression(range.low)}, ${printExpression(range.high)})` : '';
  return `${name}: ${state ? 'state ' : ''}${element}[${printList(shape)}]${contents}`;
}

export function printDefinition(definition: Definition): readonly string[] {
  switch (definition.kind) {
    case 'map': {
      const target = `${definition.output}[${names(definition.indices)}]`;
      return printAssignment(`  ${target} = `, definition.value);
    }
    case 'attend': {
      const indices = names([...definition.indices, definition.valueIndex]);
      const range = `[${printExpression(definition.low)}, ${printExpression(definition.high)})`;
      return [
        `  ${definition.output}[${indices}] = attend ${definition.key.name} in ${range}`,
        ...(definition.mask ? printAssignment('    mask ', definition.mask) : []),
        ...printAssignment('    score ', definition.score),
        ...printAssignment('    value ', definition.value),
      ];
    }
    case 'scatter': {
      const { output, variable, extent, slot, writes } = definition;
      return [
        `  ${output} = scatter ${variable.name} < ${printExpression(extent)} at [${printList(slot)}]`,
        ...writes.flatMap((write) => {
          const target = write.field ?? 'value';
          const indices = write.indices.length > 0 ? `[${names(write.indices)}]` : '';
          return printAssignment(`    ${target}${indices} = `, write.value);
        }),
      ];
    }
  }
}

function printAssignment(target: string, value: Expression): readonly string[] {
  const shared = nameShared(value);
  const indent = ' '.repeat(target.length - target.trimStart().length + 2);
  const named = [...shared].map(([node, name]) => `${indent}${name} = ${printBody(node, shared)}`);
  return [`${target}${printExpression(value, shared)}`, ...named];
}

function printList(items: readonly Expression[]): string {
  return items.map((item) => printExpression(item)).join(', ');
}

function names(indices: readonly { readonly name: string }[]): string {
  return indices.map((index) => index.name).join(', ');
}
