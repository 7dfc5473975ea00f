/** A bound program as stable text: its values by key, and each definition under its anchor. */
import { printDefinition } from './print-operator.ts';
import type { Program, ProgramValue } from './program.ts';

export function printProgram(program: Program): string {
  const values = [...program.values.values()].map(printValue);
  const definitions = program.definitions.flatMap((bound) => [
    `  ${bound.label ? `${bound.label}: ` : ''}${bound.anchor}`,
    ...printDefinition(bound.definition).map((line) => `  ${line}`),
  ]);
  const results = [...program.results].map(([name, key]) => `  result ${name} = ${key}`);
  return `${[`program ${program.name}(${program.counts.join(', ')})`, ...values, ...definitions, ...results].join('\n')}\n`;
}

function printValue(value: ProgramValue): string {
  const shape = value.paged
    ? `paged { ${value.paged.fields.map((field) => `${field.name}[${field.shape.join(', ')}]`).join(', ')} }`
    : `[${value.shape.join(', ')}]`;
  const role = value.role.kind === 'intermediate' ? '' : ` ${value.role.kind} ${value.role.name}`;
  return `  ${value.key} ${value.name}: ${value.storage}${shape}${role}${value.aliasOf ? ` in ${value.aliasOf}` : ''}`;
}
