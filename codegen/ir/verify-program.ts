/** What must hold of every bound program, whatever was traced: the rules that are broken, empty where all is well. */
import { nodesOf } from './children.ts';
import { expressionsOf, scopesOf, variablesOf } from './definitions.ts';
import type { Definition } from './operator.ts';
import type { Program, ProgramValue } from './program.ts';
import { ExpressionRules } from './verify-loads.ts';
import { Versions } from './versions.ts';

export function verifyProgram(program: Program): readonly string[] {
  const versions = new Versions(program);
  const rules = new ExpressionRules(program);
  const broken = [...valuesBroken(program), ...indicesBroken(program)];
  const add = (rule: string | null): void => {
    if (rule !== null) broken.push(rule);
  };
  for (const { definition } of program.definitions) {
    for (const [root, indices] of scopesOf(definition)) rules.check(root, { indices, locals: [] });
    for (const node of nodesOf(...expressionsOf(definition)))
      if (node.kind === 'load' && program.values.has(node.tensor)) add(versions.read(node.tensor));
    add(outputBroken(program, definition));
    add(versions.write(definition.output));
  }
  for (const [name, key] of program.results) {
    if (!program.values.has(key)) broken.push(`the result ${name} is ${key}, which is no value of the program`);
    else add(versions.read(key));
  }
  return [...broken, ...rules.broken];
}

function valuesBroken(program: Program): readonly string[] {
  return [...program.values].flatMap(([key, value]) => {
    const base = value.aliasOf === null ? null : program.values.get(value.aliasOf);
    return [
      ...(key === value.key ? [] : [`${value.key} is filed under ${key}`]),
      ...(base === undefined ? [`${key} shares the memory of ${value.aliasOf}, which is no value of the program`] : []),
      ...(base?.aliasOf ? [`${key} shares the memory of ${base.key}, which has none of its own`] : []),
      ...(base && base.storage !== value.storage
        ? [`${key} is ${value.storage} in memory that is ${base.storage}`]
        : []),
      ...value.shape
        .filter((extent) => typeof extent === 'string' && !program.counts.includes(extent))
        .map((extent) => `${extent}, an extent of ${key}, is no count of the program`),
    ];
  });
}

/** Index ids are unique in a program: lowering moves expressions from one definition into another. */
function indicesBroken(program: Program): readonly string[] {
  const bound = new Set<number>();
  return program.definitions.flatMap(({ definition }) =>
    variablesOf(definition).flatMap(({ id, name }) => {
      if (bound.has(id)) return [`the index ${name} (${id}) is bound twice`];
      bound.add(id);
      return [];
    }),
  );
}

function outputBroken(program: Program, definition: Definition): string | null {
  const { output } = definition;
  const value = program.values.get(output);
  if (!value) return `${output} is defined and no value of the program`;
  if (value.role.kind !== 'intermediate') return `${output} is defined and ${value.role.kind}`;
  if (definition.kind === 'scatter') return scatterBroken(program, definition, value);
  if (value.aliasOf !== null || value.paged) return `${output} is no memory of its own and defined as a whole`;
  const indices = definition.indices.length + (definition.kind === 'attend' ? 1 : 0);
  return indices === value.shape.length
    ? null
    : `${output} has ${value.shape.length} axes and is defined by ${indices} indices`;
}

function scatterBroken(
  program: Program,
  definition: Extract<Definition, { kind: 'scatter' }>,
  value: ProgramValue,
): string | null {
  const { output, slot, writes } = definition;
  if (value.aliasOf === null || program.values.get(value.aliasOf)?.role.kind === 'intermediate')
    return `${output} is scattered into memory that no caller or state holds`;
  for (const { field, indices } of writes) {
    const row = value.paged
      ? value.paged.fields.find(({ name }) => name === field)?.shape
      : value.shape.slice(slot.length);
    if (!row || (field === null) !== (value.paged === null)) return `${output} is written as what it is not`;
    if (row.length !== indices.length)
      return `${output} has ${row.length} axes behind its slot and is written at ${indices.length}`;
  }
  return null;
}
