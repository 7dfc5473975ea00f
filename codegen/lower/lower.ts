/**
 * Lowers a bound program to kernels: maps move into their readers, neighbours over the same rows join, and each group takes
 * the class that its form asks for.
 *
 * Needs: a verified bound program. Leaves: kernels in an order that respects data flow and the versions of states.
 */

import type { PassResult } from '../ir/diagnostic.ts';
import type { Expression } from '../ir/expression.ts';
import type { Axis, FusionNote, Kernel, LoweredProgram, Nest, NestKernel } from '../ir/kernel.ts';
import { indexOf } from '../ir/make.ts';
import type { BoundDefinition, Program } from '../ir/program.ts';
import { substitute } from '../ir/rewrite.ts';
import { snakeCase } from '../names.ts';
import { lowerAttend } from './attend.ts';
import { lowerContract } from './contract.ts';
import { axesOf, extentExpression, programValue } from './extent.ts';
import { type Group, groupRows, leading } from './group.ts';
import { inlineMaps, writeShape } from './inline.ts';
import { unloweredReductions } from './unlowered.ts';
import { consumers, isResult } from './uses.ts';

/** Elements of a row up to which a value that lives within one kernel stays in a buffer of the thread: a quarter of L1. */
const LOCAL_ELEMENTS = 4096;

/** For each base value, who loads it. */
type Readers = ReadonlyMap<string, readonly BoundDefinition[]>;

export interface LowerOptions {
  /** False keeps every definition a kernel of its own: the baseline that fused programs are compared with. */
  readonly fuse: boolean;
}

export function lower(program: Program, options: LowerOptions): PassResult<LoweredProgram> {
  if (!options.fuse) {
    const readers = consumers(program, program.definitions);
    const groups = groupRows(program, program.definitions).groups.flatMap((group) =>
      group.members.map((member) => ({ ...group, members: [member] })),
    );
    return verified(
      program,
      groups.map((group) => lowerGroup(program, readers, group)),
      [],
    );
  }
  const { definitions, notes } = inlineMaps(program);
  const readers = consumers(program, definitions);
  const { groups, notes: groupNotes } = groupRows(program, definitions);
  return verified(
    program,
    groups.map((group) => lowerGroup(program, readers, group)),
    [...notes, ...groupNotes],
  );
}

function verified(
  program: Program,
  kernels: readonly Kernel[],
  notes: readonly FusionNote[],
): PassResult<LoweredProgram> {
  return { ir: { kernels, notes }, diagnostics: kernels.flatMap((kernel) => unloweredReductions(kernel, program)) };
}

function lowerGroup(program: Program, readers: Readers, group: Group): Kernel {
  const [first] = group.members;
  if (!first) throw new Error('a group has at least one member');
  const name = kernelName(group.members);
  const { definition } = first;
  if (definition.kind === 'attend') return lowerAttend(program, first, definition, name);
  if (definition.kind === 'map' && group.class === 'contract') return lowerContract(program, first, definition, name);
  return lowerNests(program, readers, group.members, name);
}

/** The operators' names in order, each once. */
function kernelName(members: readonly BoundDefinition[]): string {
  const names = new Set(members.flatMap((member) => member.operator.split(' ')));
  return [...names].map(snakeCase).join('_');
}

function lowerNests(program: Program, readers: Readers, members: readonly BoundDefinition[], name: string): NestKernel {
  const [first] = members;
  if (!first) throw new Error('a group has at least one member');
  const { variable: row, extent: rows } = leading(program, first.definition);
  return {
    kind: 'nest',
    name,
    anchors: members.map((member) => member.anchor),
    label: first.label,
    row,
    rows,
    nests: members.map((member) => nestOf(program, member, row)),
    locals: localsOf(program, readers, members),
  };
}

function nestOf(program: Program, bound: BoundDefinition, row: NestKernel['row']): Nest {
  const { definition, anchor } = bound;
  const own = leading(program, definition).variable;
  const onRow = (root: Expression): Expression => substitute(root, new Map([[own.id, indexOf(row, root.span)]]));
  switch (definition.kind) {
    case 'map': {
      const [, ...axes] = axesOf(program, definition);
      return { kind: 'store', output: definition.output, axes, value: onRow(definition.value), row, anchor };
    }
    case 'scatter': {
      const output = programValue(program, definition.output);
      const writes = definition.writes.map((write) => {
        const shape = writeShape(output, write.field, definition.slot.length);
        const axes: readonly Axis[] = write.indices.map((variable, axis) => ({
          variable,
          extent: extentExpression(shape[axis] ?? 1, definition.span),
        }));
        return { field: write.field, axes, value: onRow(write.value) };
      });
      return { kind: 'scatter', output: definition.output, slot: definition.slot.map(onRow), writes, anchor };
    }
    case 'attend':
      throw new Error('an attend is no nest');
  }
}

function localsOf(program: Program, readers: Readers, members: readonly BoundDefinition[]): readonly string[] {
  const inside = new Set(members);
  return members
    .filter(({ definition }) => definition.kind === 'map')
    .map(({ definition }) => definition.output)
    .filter((key) => {
      const { shape } = programValue(program, key);
      const elements = shape
        .slice(1)
        .reduce<number>(
          (product, extent) => (typeof extent === 'number' ? product * extent : Number.POSITIVE_INFINITY),
          1,
        );
      const users = readers.get(key) ?? [];
      return (
        !isResult(program, key) &&
        elements <= LOCAL_ELEMENTS &&
        users.length > 0 &&
        users.every((user) => inside.has(user))
      );
    });
}
