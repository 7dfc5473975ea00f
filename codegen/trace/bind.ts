/**
 * Binds a traced graph: every call's operator takes the dimensions, attributes and values of the call, so that what follows
 * sees data flow between values and no operator any more.
 *
 * Leaves: feature dimensions folded to numbers, symbolic counts as `dim` nodes under the caller's names, index ids unique in
 * the program.
 */
import type { Graph, GraphCall, GraphValue, StorageElement } from '../../dsl/lang/graph.ts';
import type { Operator } from '../../dsl/lang/operator.ts';
import type { Expression, IndexVariable, Span, StorageType } from '../ir/expression.ts';
import { fold, integer } from '../ir/make.ts';
import type { Definition, OperatorIr } from '../ir/operator.ts';
import type { BoundDefinition, ElementBinding, PagedLayout, Program, ProgramValue, ValueRole } from '../ir/program.ts';
import { rewrite } from '../ir/rewrite.ts';

/** Throws if an operator of the graph is not among those read: the caller reads what the graph's modules reach. */
export function bind(graph: Graph, operators: ReadonlyMap<Operator, OperatorIr>, elements: ElementBinding): Program {
  const results = new Map(Object.entries(graph.results).map(([name, id]) => [name, keyOf(id)]));
  const names = valueNames(graph);
  const aliases = aliasesOf(graph, operators);
  const values = new Map<string, ProgramValue>();
  for (const value of graph.values) {
    values.set(keyOf(value.id), bindValue(value, names, aliases, elements));
  }
  const definitions: BoundDefinition[] = [];
  const counter = { next: 0 };
  for (const call of graph.calls) {
    const operator = operatorOf(call, operators);
    for (const definition of operator.definitions) {
      definitions.push({
        operator: operator.name,
        label: call.label,
        anchor: `${operator.name}.${definition.output}`,
        relaxed: operator.relaxed,
        definition: bindDefinition(definition, call, counter),
      });
    }
  }
  return { name: graph.name, values, definitions, results, counts: countsOf(graph) };
}

function keyOf(id: number): string {
  return `%${id}`;
}

function operatorOf(call: GraphCall, operators: ReadonlyMap<Operator, OperatorIr>): OperatorIr {
  const operator = operators.get(call.operator);
  if (!operator) throw new Error(`the operator of call ${call.label || call.id} was not read`);
  return operator;
}

interface ValueNames {
  readonly made: ReadonlyMap<number, string>;
  readonly read: ReadonlyMap<number, string>;
}

function valueNames(graph: Graph): ValueNames {
  const made = new Map<number, string>();
  const read = new Map<number, string>();
  for (const call of graph.calls) {
    for (const [name, id] of Object.entries(call.outputs)) if (!made.has(id)) made.set(id, name);
    for (const [name, id] of Object.entries(call.inputs)) if (!read.has(id)) read.set(id, name);
  }
  return { made, read };
}

/**
 * Values that share another's memory: views, and later versions of a state (follow the input of the same name back to the
 * first). Chains are followed to their end.
 */
function aliasesOf(graph: Graph, operators: ReadonlyMap<Operator, OperatorIr>): ReadonlyMap<number, number> {
  const aliases = new Map<number, number>();
  for (const value of graph.values) {
    if (value.source.kind === 'view') aliases.set(value.id, aliases.get(value.source.of) ?? value.source.of);
  }
  for (const call of graph.calls) {
    for (const output of operatorOf(call, operators).definitions) {
      if (output.kind !== 'scatter') continue;
      const before = call.inputs[output.output];
      const after = call.outputs[output.output];
      if (before === undefined || after === undefined) continue;
      aliases.set(after, aliases.get(before) ?? before);
    }
  }
  return aliases;
}

function bindValue(
  value: GraphValue,
  names: ValueNames,
  aliases: ReadonlyMap<number, number>,
  elements: ElementBinding,
): ProgramValue {
  const { source } = value;
  const alias = source.kind === 'view' ? (aliases.get(source.of) ?? source.of) : aliases.get(value.id);
  const fallback = source.kind === 'call' ? source.output : source.kind === 'view' ? keyOf(value.id) : source.name;
  return {
    key: keyOf(value.id),
    name: names.made.get(value.id) ?? names.read.get(value.id) ?? fallback,
    inputName: names.read.get(value.id) ?? null,
    storage: value.paged ? elements.cache : storageOf(value.element, elements),
    shape: value.shape,
    paged: value.paged ? pagedLayout(value.paged) : null,
    role: roleOf(value),
    aliasOf: alias === undefined ? null : keyOf(alias),
  };
}

function pagedLayout(fields: Readonly<Record<string, readonly number[]>>): PagedLayout {
  return { fields: Object.entries(fields).map(([name, shape]) => ({ name, shape })) };
}

function storageOf(element: StorageElement, elements: ElementBinding): StorageType {
  switch (element) {
    case 'act':
    case 'weight':
    case 'cache':
      return elements[element];
    case 'f32':
    case 'i32':
      return element;
  }
}

function roleOf(value: GraphValue): ValueRole {
  const { source } = value;
  switch (source.kind) {
    case 'call':
    case 'view':
      return { kind: 'intermediate' };
    case 'input':
      return { kind: 'input', name: source.name };
    case 'checkpoint':
      return { kind: 'weight', name: source.name, segments: source.segments };
    case 'constant':
      return { kind: 'constant', name: source.name, data: source.data };
    case 'state':
      return { kind: 'state', name: source.name };
  }
}

function countsOf(graph: Graph): readonly string[] {
  const counts = new Set<string>();
  const add = (extent: number | string): void => {
    if (typeof extent === 'string') counts.add(extent);
  };
  for (const value of graph.values) value.shape.forEach(add);
  for (const call of graph.calls) Object.values(call.dims).forEach(add);
  return [...counts];
}

/** Rewrites a definition under the bindings of one call. */
function bindDefinition(definition: Definition, call: GraphCall, counter: { next: number }): Definition {
  const fresh = new Map<number, IndexVariable>();
  const variable = (old: IndexVariable): IndexVariable => {
    const known = fresh.get(old.id);
    if (known) return known;
    const made = { id: counter.next++, name: old.name };
    fresh.set(old.id, made);
    return made;
  };
  const bound = (root: Expression): Expression => rewrite(root, (node) => fold(bindNode(node, call, variable)));
  const output = keyOf(required(call.outputs, definition.output, call));
  switch (definition.kind) {
    case 'map':
      return { ...definition, output, indices: definition.indices.map(variable), value: bound(definition.value) };
    case 'attend':
      return {
        ...definition,
        output,
        indices: definition.indices.map(variable),
        key: variable(definition.key),
        low: bound(definition.low),
        high: bound(definition.high),
        score: bound(definition.score),
        mask: definition.mask && bound(definition.mask),
        valueIndex: variable(definition.valueIndex),
        value: bound(definition.value),
      };
    case 'scatter':
      return {
        ...definition,
        output,
        variable: variable(definition.variable),
        extent: bound(definition.extent),
        slot: definition.slot.map(bound),
        writes: definition.writes.map((write) => ({
          field: write.field,
          indices: write.indices.map(variable),
          value: bound(write.value),
        })),
      };
  }
}

function bindNode(node: Expression, call: GraphCall, variable: (old: IndexVariable) => IndexVariable): Expression {
  switch (node.kind) {
    case 'dim':
      return bindDimension(node.name, call, node.span);
    case 'attr':
      return { kind: 'number', type: node.type, value: required(call.attrs, node.name, call), span: node.span };
    case 'index':
      return { ...node, variable: variable(node.variable) };
    case 'reduce':
      return { ...node, variable: variable(node.variable) };
    case 'load':
      return { ...node, tensor: keyOf(required(call.inputs, node.tensor, call)) };
    default:
      return node;
  }
}

function bindDimension(name: string, call: GraphCall, span: Span): Expression {
  const extent = required(call.dims, name, call);
  return typeof extent === 'number' ? integer(extent, span) : { kind: 'dim', type: 'i32', name: extent, span };
}

function required<T>(record: Readonly<Record<string, T>>, name: string, call: GraphCall): T {
  const value = record[name];
  if (value === undefined) throw new Error(`call ${call.label || call.id} binds no ${name}`);
  return value;
}
