/**
 * Vertical fusion: a map's expression moves into its only consumer where that recomputes nothing, wrapped in the rounding
 * that its tensor would have applied. Into the epilogue of a product it moves the other way round: the consumer takes the
 * product's sum along, and is itself a product from then on.
 *
 * Needs: a bound program. Leaves: the definitions that still need a loop of their own, in the same order.
 */
import type { Expression } from '../ir/expression.ts';
import type { FusionNote } from '../ir/kernel.ts';
import type { Definition, MapDefinition } from '../ir/operator.ts';
import type { BoundDefinition, Extent, Program, ProgramValue } from '../ir/program.ts';
import { rewrite, some, substitute, walk } from '../ir/rewrite.ts';
import { hasContraction } from './contraction.ts';
import { domainSize, valueOf } from './extent.ts';
import { consumers, isResult, type LoadSite, loadSites } from './uses.ts';

/** Arithmetic nodes up to which recomputing a map costs less than a pass through memory. */
const CHEAP_NODES = 4;

export interface Inlined {
  readonly definitions: readonly BoundDefinition[];
  readonly notes: readonly FusionNote[];
}

export function inlineMaps(program: Program): Inlined {
  let definitions = [...program.definitions];
  const notes: FusionNote[] = [];
  for (const producer of program.definitions) {
    const current = definitions.find((candidate) => candidate.definition.output === producer.definition.output);
    if (!current || current.definition.kind !== 'map') continue;
    const users = consumers(program, definitions).get(current.definition.output) ?? [];
    const [user] = users;
    if (!user) continue;
    const blocked = users.length > 1 ? `it has ${users.length} readers` : whyNot(program, current.definition, user);
    notes.push({
      producer: current.anchor,
      consumer: user.anchor,
      fused: blocked === null,
      reason: blocked ?? 'its expression moves into the reader',
    });
    if (blocked !== null) continue;
    const fused = inlineInto(program, current, user);
    definitions = definitions.filter((candidate) => candidate !== current).map((candidate) => (candidate === user ? fused : candidate));
  }
  return { definitions, notes };
}

/** Why a producer cannot move into its only reader; null if it can. */
function whyNot(program: Program, producer: MapDefinition, user: BoundDefinition): string | null {
  const { definition } = user;
  if (isResult(program, producer.output)) return 'it is a result of the program';
  if (definition.kind === 'attend') return 'an attend reads its operands as rows';
  const sites = loadSites(program, definition, producer.output);
  if (sites.some((site) => site.node.tensor !== producer.output)) return 'it is read through a view of another shape';
  if (sites.some((site) => site.inLoop)) return 'it is read inside a reduction';
  const product = hasContraction(producer.value, variableIds(producer));
  const recomputed = recomputation(program, producer, definition, sites);
  if (product) {
    if (definition.kind !== 'map' || some(definition.value, (node) => node.kind === 'reduce')) {
      return 'its reader needs whole rows of the product';
    }
    if (recomputed > 1) return 'the product would be computed more than once';
    return sites.every((site) => isShifted(site, producer, definition)) ? null : 'its reader permutes the product';
  }
  if (some(producer.value, (node) => node.kind === 'reduce')) return 'it holds a row reduction';
  return recomputed <= 1 || (isCheap(producer.value) && recomputed <= CHEAP_NODES) ? null : 'it would be computed more than once';
}

function variableIds(definition: MapDefinition): ReadonlySet<number> {
  return new Set(definition.indices.map((variable) => variable.id));
}

/** Evaluations of the producer by its reader for one element of the producer. */
function recomputation(program: Program, producer: MapDefinition, user: Definition, sites: readonly LoadSite[]): number {
  const from = domainSize(valueOf(program, producer.output).shape);
  const to = domainSize(readerShape(program, user));
  return from.symbols === to.symbols ? (to.constant * sites.length) / from.constant : Number.POSITIVE_INFINITY;
}

function readerShape(program: Program, user: Definition): readonly Extent[] {
  if (user.kind !== 'scatter') return valueOf(program, user.output).shape;
  const rows: Extent = user.extent.kind === 'number' ? user.extent.value : user.extent.kind === 'dim' ? user.extent.name : 1;
  const output = valueOf(program, user.output);
  const [write] = user.writes;
  return [rows, ...writeShape(output, write?.field ?? null, user.slot.length)];
}

/** The axes of one write of a scatter: those of a paged field, or those of a dense state behind its slot's. */
export function writeShape(output: ProgramValue, field: string | null, slotAxes: number): readonly Extent[] {
  return output.paged ? (output.paged.fields.find((candidate) => candidate.name === field)?.shape ?? []) : output.shape.slice(slotAxes);
}

/** Each index of the load is an output index of the reader, plus a constant on the last axis at most. */
function isShifted(site: LoadSite, producer: MapDefinition, user: Definition): boolean {
  if (user.kind !== 'map' || user.indices.length !== producer.indices.length) return false;
  return site.node.indices.every((index, axis) => {
    const id = user.indices[axis]?.id;
    const isIndex = (node: Expression): boolean => node.kind === 'index' && node.variable.id === id;
    if (isIndex(index)) return true;
    return (
      axis === producer.indices.length - 1 &&
      index.kind === 'binary' &&
      index.op === '+' &&
      ((isIndex(index.left) && index.right.kind === 'number') || (isIndex(index.right) && index.left.kind === 'number'))
    );
  });
}

function isCheap(root: Expression): boolean {
  let nodes = 0;
  let costly = false;
  walk(root, (node) => {
    if (node.kind === 'intrinsic') costly = true;
    if (node.kind === 'binary' && node.type === 'f32') nodes++;
  });
  return !costly && nodes <= CHEAP_NODES;
}

function inlineInto(program: Program, producer: BoundDefinition, user: BoundDefinition): BoundDefinition {
  const { definition } = producer;
  if (definition.kind !== 'map') throw new Error('only maps are inlined');
  const { storage } = valueOf(program, definition.output);
  const replace = (root: Expression): Expression =>
    rewrite(root, (node) => {
      if (node.kind !== 'load' || node.tensor !== definition.output) return node;
      const indices = new Map(definition.indices.map((variable, axis) => [variable.id, node.indices[axis] as Expression]));
      const value = substitute(definition.value, indices);
      return storage === 'f32' || storage === 'i32' ? value : { kind: 'round', type: 'f32', element: storage, operand: value, span: value.span };
    });
  return { ...user, operator: joinNames(producer.operator, user.operator), definition: mapRoots(user.definition, replace) };
}

function joinNames(first: string, second: string): string {
  return first === second ? first : `${first} ${second}`;
}

function mapRoots(definition: Definition, f: (root: Expression) => Expression): Definition {
  switch (definition.kind) {
    case 'map':
      return { ...definition, value: f(definition.value) };
    case 'scatter':
      return {
        ...definition,
        slot: definition.slot.map(f),
        writes: definition.writes.map((write) => ({ ...write, value: f(write.value) })),
      };
    case 'attend':
      return definition;
  }
}
