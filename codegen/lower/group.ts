/**
 * Horizontal fusion: neighbouring definitions over the same leading axis become one kernel that walks its rows, where each
 * row needs of the others' results its own row only. Norm, rope and the store of a token's heads meet here.
 *
 * Needs: inlined definitions. Leaves: groups in order; a product or an attend is a group of its own.
 */
import type { Expression, IndexVariable } from '../ir/expression.ts';
import type { FusionNote } from '../ir/kernel.ts';
import { expressionKey } from '../ir/key.ts';
import type { Definition } from '../ir/operator.ts';
import { type BoundDefinition, baseOf, type Program } from '../ir/program.ts';
import { walk } from '../ir/rewrite.ts';
import { hasContraction, hasGuardedOperand } from './contraction.ts';
import { axesOf, programValue } from './extent.ts';
import { loadSites, roots } from './uses.ts';

export type DefinitionClass = 'nest' | 'contract' | 'attend';

function classOf(program: Program, definition: Definition): DefinitionClass {
  if (definition.kind === 'attend') return 'attend';
  if (definition.kind === 'scatter') return 'nest';
  const axes = new Set(definition.indices.map((variable) => variable.id));
  return hasContraction(definition.value, axes) && !hasGuardedOperand(program, definition) ? 'contract' : 'nest';
}

export interface Group {
  readonly class: DefinitionClass;
  readonly members: readonly BoundDefinition[];
}

export function groupRows(
  program: Program,
  definitions: readonly BoundDefinition[],
): { readonly groups: readonly Group[]; readonly notes: readonly FusionNote[] } {
  const groups: { class: DefinitionClass; members: BoundDefinition[] }[] = [];
  const notes: FusionNote[] = [];
  for (const bound of definitions) {
    const kind = classOf(program, bound.definition);
    const last = groups.at(-1);
    const blocked =
      !last || kind !== 'nest' || last.class !== 'nest'
        ? 'a product or an attend is a kernel of its own'
        : whyNot(program, last.members, bound);
    const previous = last?.members.at(-1);
    if (previous) {
      notes.push({
        producer: previous.anchor,
        consumer: bound.anchor,
        fused: blocked === null,
        reason: blocked ?? 'they walk the same rows, each needing its own only',
      });
    }
    if (last && blocked === null) last.members.push(bound);
    else groups.push({ class: kind, members: [bound] });
  }
  return { groups, notes };
}

/** The leading index of a definition and its extent. */
export function leading(
  program: Program,
  definition: Definition,
): { readonly variable: IndexVariable; readonly extent: Expression } {
  if (definition.kind === 'scatter') return { variable: definition.variable, extent: definition.extent };
  const [axis] = axesOf(program, definition);
  if (!axis) throw new Error(`${definition.output} has no axis to walk`);
  return axis;
}

function whyNot(program: Program, members: readonly BoundDefinition[], bound: BoundDefinition): string | null {
  const [first] = members;
  if (!first) return null;
  const row = leading(program, bound.definition);
  if (expressionKey(leading(program, first.definition).extent) !== expressionKey(row.extent))
    return 'their leading axes differ';
  for (const member of members) {
    for (const { node } of loadSites(program, bound.definition, member.definition.output)) {
      const [index] = node.indices;
      if (
        index?.kind !== 'index' ||
        index.variable.id !== row.variable.id ||
        programValue(program, node.tensor).paged
      ) {
        return `it reads other rows of ${member.anchor}`;
      }
    }
    if (touchSameState(program, member.definition, bound.definition)) return 'both touch one state, across rows';
  }
  return null;
}

function touchSameState(program: Program, a: Definition, b: Definition): boolean {
  const writes = (definition: Definition): string | null =>
    definition.kind === 'scatter' ? baseOf(program, definition.output) : null;
  const reads = (definition: Definition): ReadonlySet<string> => {
    const bases = new Set<string>();
    for (const { root } of roots(definition)) {
      walk(root, (node) => {
        if (node.kind === 'load') bases.add(baseOf(program, node.tensor));
      });
    }
    return bases;
  };
  const writtenByA = writes(a);
  const writtenByB = writes(b);
  return (
    (writtenByA !== null && reads(b).has(writtenByA)) ||
    (writtenByB !== null && reads(a).has(writtenByB)) ||
    (writtenByA !== null && writtenByA === writtenByB)
  );
}
