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
import { type BoundDefinition, baseOf, type Extent, type Program, type ProgramValue } from '../ir/program.ts';
import { rewrite, some, substitute, usesVariable, walk } from '../ir/rewrite.ts';
import { hasContraction, hasGuardedOperand } from './contraction.ts';
import { domainSize, programValue } from './extent.ts';
import { isResult, type LoadSite, loadedValues, loadSites } from './uses.ts';

/** Arithmetic nodes up to which recomputing a map costs less than a pass through memory. */
const CHEAP_NODES = 4;

export interface Inlined {
  readonly definitions: readonly BoundDefinition[];
  readonly notes: readonly FusionNote[];
}

export function inlineMaps(program: Program): Inlined {
  const current = new Map(program.definitions.map((bound) => [bound.definition.output, bound]));
  const readers = new Map<string, Set<string>>();
  for (const [output, bound] of current) {
    for (const key of loadedValues(program, bound.definition)) addReader(readers, key, output);
  }
  const written = writtenStates(program);
  const notes: FusionNote[] = [];
  for (const output of [...current.keys()]) {
    const producer = current.get(output);
    const users = [...(readers.get(output) ?? [])].flatMap((user) => current.get(user) ?? []);
    if (producer?.definition.kind !== 'map' || users.length === 0) continue;
    const blocked =
      whyNotInto(program, producer.definition, users, written) ??
      (losesProduct(program, producer, users) ? 'behind its ternary the product would be a loop' : null);
    const reason = blocked ?? 'its expression moves into the reader';
    for (const user of users) {
      notes.push({ producer: producer.anchor, consumer: user.anchor, fused: blocked === null, reason });
    }
    if (blocked !== null) continue;
    current.delete(output);
    for (const user of users) current.set(user.definition.output, inlineInto(program, producer, user));
    for (const key of loadedValues(program, producer.definition)) {
      readers.get(key)?.delete(output);
      for (const user of users) addReader(readers, key, user.definition.output);
    }
  }
  return { definitions: [...current.values()], notes };
}

function addReader(readers: Map<string, Set<string>>, key: string, reader: string): void {
  const known = readers.get(key);
  if (known) known.add(reader);
  else readers.set(key, new Set([reader]));
}

function writtenStates(program: Program): ReadonlySet<string> {
  return new Set(
    program.definitions
      .filter(({ definition }) => definition.kind === 'scatter')
      .map(({ definition }) => baseOf(program, definition.output)),
  );
}

function whyNotInto(
  program: Program,
  producer: MapDefinition,
  users: readonly BoundDefinition[],
  written: ReadonlySet<string>,
): string | null {
  if (isResult(program, producer.output)) return 'it is a result of the program';
  if (readsAny(program, producer, written))
    return 'it reads a state that the program writes, which must happen in its place';
  if (isCopy(program, producer) && users.every(({ definition }) => readsRows(program, producer, definition)))
    return null;
  const [user] = users;
  return users.length > 1 || !user ? `it has ${users.length} readers` : whyNot(program, producer, user);
}

function readsAny(program: Program, producer: MapDefinition, states: ReadonlySet<string>): boolean {
  return some(producer.value, (node) => node.kind === 'load' && states.has(baseOf(program, node.tensor)));
}

/**
 * A load and nothing else, of the same storage: reading through it costs no more than reading it. A state may change on
 * the way, and a row of a weight matrix has to be looked up.
 */
function isCopy(program: Program, { output, value }: MapDefinition): boolean {
  if (value.kind !== 'load') return false;
  const from = programValue(program, baseOf(program, value.tensor));
  return (
    from.storage === programValue(program, output).storage &&
    from.role.kind !== 'state' &&
    from.role.kind !== 'weight' &&
    !from.paged
  );
}

/** No reader sees another shape of it, and where a row of it is an operand of a product, the row stays one in memory. */
function readsRows(program: Program, producer: MapDefinition, user: Definition): boolean {
  const sites = loadSites(program, user, producer.output);
  if (sites.some(({ node }) => node.tensor !== producer.output)) return false;
  const needsRows = user.kind === 'attend' || sites.some(({ inLoop }) => inLoop);
  return !needsRows || keepsRows(producer);
}

function keepsRows({ indices, value }: MapDefinition): boolean {
  const own = indices.at(-1);
  if (value.kind !== 'load' || !own) return false;
  const last = value.indices.at(-1);
  return (
    last?.kind === 'index' &&
    last.variable.id === own.id &&
    value.indices.slice(0, -1).every((index) => !usesVariable(index, own.id))
  );
}

/** Why a producer cannot move into its only reader; null if it can. */
function whyNot(program: Program, producer: MapDefinition, user: BoundDefinition): string | null {
  const { definition } = user;
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
  return recomputed <= 1 || (isCheap(producer.value) && recomputed <= CHEAP_NODES)
    ? null
    : 'it would be computed more than once';
}

/** Whether a product would stand behind a ternary of a reader that alone keeps it in range. */
function losesProduct(program: Program, producer: BoundDefinition, users: readonly BoundDefinition[]): boolean {
  const { definition } = producer;
  if (definition.kind !== 'map' || !hasContraction(definition.value, variableIds(definition))) return false;
  return users.some((user) => {
    const { definition: joined } = inlineInto(program, producer, user);
    return joined.kind === 'map' && hasGuardedOperand(program, joined);
  });
}

function variableIds(definition: MapDefinition): ReadonlySet<number> {
  return new Set(definition.indices.map((variable) => variable.id));
}

/** Evaluations of the producer by its reader for one element of the producer. */
function recomputation(
  program: Program,
  producer: MapDefinition,
  user: Definition,
  sites: readonly LoadSite[],
): number {
  const from = domainSize(programValue(program, producer.output).shape);
  const to = domainSize(readerShape(program, user));
  return from.symbols === to.symbols ? (to.constant * sites.length) / from.constant : Number.POSITIVE_INFINITY;
}

function readerShape(program: Program, user: Definition): readonly Extent[] {
  if (user.kind !== 'scatter') return programValue(program, user.output).shape;
  const rows: Extent =
    user.extent.kind === 'number' ? user.extent.value : user.extent.kind === 'dim' ? user.extent.name : 1;
  const output = programValue(program, user.output);
  const [write] = user.writes;
  return [rows, ...writeShape(output, write?.field ?? null, user.slot.length)];
}

/** The axes of one write of a scatter: those of a paged field, or those of a dense state behind its slot's. */
export function writeShape(output: ProgramValue, field: string | null, slotAxes: number): readonly Extent[] {
  return output.paged
    ? (output.paged.fields.find((candidate) => candidate.name === field)?.shape ?? [])
    : output.shape.slice(slotAxes);
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
  const { storage } = programValue(program, definition.output);
  const replace = (root: Expression): Expression =>
    rewrite(root, (node) => {
      if (node.kind !== 'load' || node.tensor !== definition.output) return node;
      const indices = new Map(
        definition.indices.map((variable, axis) => [variable.id, node.indices[axis] as Expression]),
      );
      const value = substitute(definition.value, indices);
      if (value.kind === 'load' && programValue(program, value.tensor).storage === storage) return value;
      return storage === 'f32' || storage === 'i32' || producer.relaxed
        ? value
        : { kind: 'round', type: 'f32', element: storage, operand: value, span: value.span };
    });
  return {
    ...user,
    operator: joinNames(producer.operator, user.operator),
    definition: mapRoots(user.definition, replace),
  };
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
      return {
        ...definition,
        low: f(definition.low),
        high: f(definition.high),
        score: f(definition.score),
        mask: definition.mask && f(definition.mask),
        value: f(definition.value),
      };
  }
}
