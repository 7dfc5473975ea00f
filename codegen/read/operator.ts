/** One `op({...})` to its IR: the head's declarations, then `define` run on symbols. */
import { type CallExpression, Node } from 'ts-morph';
import { nearestName } from '../diagnostics/nearest.ts';
import type { PassResult } from '../ir/diagnostic.ts';
import type { Expression } from '../ir/expression.ts';
import type { Definition, DimensionDeclaration, OperatorIr, TensorDeclaration } from '../ir/operator.ts';
import { verifyOperator } from '../ir/verify-operator.ts';
import { checkContractions } from './contractions.ts';
import { readDefinition } from './definitions.ts';
import { evaluateObject } from './evaluate.ts';
import { callFunction } from './functions.ts';
import type { Module, Modules } from './modules.ts';
import { condition } from './operators.ts';
import { Reader, Refusal, spanOf, textOf } from './reader.ts';
import { moduleScope } from './scope.ts';
import { checkStateOrder } from './state-order.ts';
import { describeValue, type FunctionValue, type RecordOf, type Value } from './values.ts';

const parts = {
  dims: true,
  where: false,
  inputs: true,
  attrs: false,
  outputs: true,
  relaxed: false,
  define: true,
} as const;

type Entries = ReadonlyMap<string, Value>;

/** The IR is null where the operator was refused; its diagnostics say why. */
export function readOperator(
  modules: Modules,
  module: Module,
  name: string,
  call: CallExpression,
): PassResult<OperatorIr | null> {
  const reader = new Reader(modules);
  const operator = reader.attempt(() => readSpec(reader, module, name, call));
  if (operator !== null && reader.diagnostics.length === 0) {
    checkContractions(reader, operator);
    checkStateOrder(reader, operator);
  }
  if (operator !== null && reader.diagnostics.length === 0) verifyOperator(operator);
  return { ir: reader.diagnostics.length === 0 ? operator : null, diagnostics: reader.diagnostics };
}

function readSpec(reader: Reader, module: Module, name: string, call: CallExpression): OperatorIr {
  const [specNode] = call.getArguments();
  if (specNode === undefined || !Node.isObjectLiteralExpression(specNode)) throw reader.refusal(call, 'op-form', name);
  const spec = evaluateObject(reader, specNode, moduleScope(module)).entries;
  for (const [part, isRequired] of Object.entries(parts)) {
    if (isRequired && !spec.has(part)) throw reader.refusal(call, 'op-part-missing', name, part);
  }
  for (const part of spec.keys()) {
    if (!Object.hasOwn(parts, part))
      throw reader.refusal(
        specNode.getPropertyOrThrow(part),
        'op-part-unknown',
        part,
        nearestName(part, Object.keys(parts)),
      );
  }
  const at = (part: string): Node => specNode.getProperty(part) ?? specNode;

  const dimensions = readDimensions(reader, spec.get('dims'), at('dims'));
  reader.tokenDimension = dimensions.find((dimension) => dimension.raggedOver !== null)?.name ?? null;
  const dims = record(
    'dimension',
    dimensions.map(({ name: dim }) => [dim, scalar({ kind: 'dim', type: 'i32', name: dim, span: spanOf(at('dims')) })]),
  );

  const attrs = readAttrs(reader, spec.get('attrs'), at('attrs'));
  const declare = (part: 'inputs' | 'outputs') =>
    reader.attempt(() => readTensors(reader, part, spec.get(part), dims, at(part)));
  const where = reader.attempt(() => readWhere(reader, spec.get('where'), dims, at('where')));
  const inputs = declare('inputs');
  const outputs = declare('outputs');
  if (where === null || inputs === null || outputs === null) throw new Refusal('head');
  checkVersions(reader, inputs, outputs, at('outputs'));

  const attrValues = record(
    'attr',
    attrs.map((attr) => [attr.name, scalar({ kind: 'attr', ...attr, span: spanOf(at('attrs')) })]),
  );
  for (const { name: output } of outputs) reader.roles.set(output, 'output');
  for (const attr of attrs) reader.roles.set(attr.name, 'attr');
  for (const { name: input } of inputs) reader.roles.set(input, 'input');
  for (const dimension of dimensions) reader.roles.set(dimension.name, 'dimension');
  const defined = callPart(
    reader,
    'define',
    spec.get('define'),
    [dims, tensorValues(inputs), attrValues],
    at('define'),
  );
  if (defined.kind !== 'record') throw reader.refusal(at('define'), 'define-result', describeValue(defined));
  const definitions = readDefinitions(reader, outputs, defined.entries, at('define'));
  const relaxed = readRelaxed(reader, spec.get('relaxed'), at('relaxed'));
  const span = spanOf(call);
  return { name, file: module.path, dimensions, where, attrs, inputs, outputs, relaxed, definitions, span };
}

function readDimensions(reader: Reader, value: Value | undefined, at: Node): readonly DimensionDeclaration[] {
  if (value?.kind !== 'list') throw reader.refusal(at, 'dims-form');
  const dimensions = value.items.flatMap((item): readonly DimensionDeclaration[] => {
    if (item.kind === 'string') return [{ name: item.value, raggedOver: null }];
    if (item.kind !== 'ragged') throw reader.refusal(at, 'dims-form');
    return [
      { name: item.tokens, raggedOver: item.sequences },
      { name: item.sequences, raggedOver: null },
    ];
  });
  const names = dimensions.map((dimension) => dimension.name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw reader.refusal(at, 'dims-twice', twice);
  return dimensions;
}

function readAttrs(reader: Reader, value: Value | undefined, at: Node): OperatorIr['attrs'] {
  if (value === undefined) return [];
  if (value.kind !== 'record') throw reader.refusal(at, 'attr-form', textOf(at));
  return [...value.entries].map(([name, type]) => {
    if (type.kind !== 'builtin' || (type.name !== 'f32' && type.name !== 'i32'))
      throw reader.refusal(at, 'attr-form', name);
    return { name, type: type.name };
  });
}

function readRelaxed(reader: Reader, value: Value | undefined, at: Node): boolean {
  if (value === undefined) return false;
  if (value.kind !== 'boolean') throw reader.refusal(at, 'relaxed-form', describeValue(value));
  return value.value;
}

function readWhere(reader: Reader, value: Value | undefined, dims: Value, at: Node): readonly Expression[] {
  if (value === undefined) return [];
  const facts = callPart(reader, 'where', value, [dims], at);
  if (facts.kind !== 'list') throw reader.refusal(at, 'where-form', describeValue(facts));
  return facts.items.map((fact) => condition(reader, fact, at));
}

function readTensors(
  reader: Reader,
  part: string,
  value: Value | undefined,
  dims: Value,
  at: Node,
): readonly TensorDeclaration[] {
  const declared = callPart(reader, part, value, [dims], at);
  if (declared.kind !== 'record') throw reader.refusal(at, 'tensors-form', part, describeValue(declared));
  return [...declared.entries].map(([name, entry]): TensorDeclaration => {
    if (entry.kind !== 'declaration') throw reader.refusal(at, 'tensor-form', name, describeValue(entry));
    return { ...entry.declaration, name, span: spanOf(at) };
  });
}

function callPart(reader: Reader, part: string, value: Value | undefined, args: readonly Value[], at: Node): Value {
  if (value?.kind !== 'function') throw reader.refusal(at, 'part-not-function', part);
  return callFunction(reader, value satisfies FunctionValue, args, at);
}

/** An output named as an input is that state's next version, and of the same kind; a state output has such an input. */
function checkVersions(
  reader: Reader,
  inputs: readonly TensorDeclaration[],
  outputs: readonly TensorDeclaration[],
  at: Node,
): void {
  for (const output of outputs) {
    const input = inputs.find((candidate) => candidate.name === output.name);
    const isState = (tensor: TensorDeclaration): boolean => tensor.kind === 'paged' || tensor.state;
    if (isState(output) && (input === undefined || !isState(input)))
      reader.report(at, 'state-without-input', output.name);
    else if (!isState(output) && input !== undefined) reader.report(at, 'output-is-input', output.name);
  }
}

function tensorValues(inputs: readonly TensorDeclaration[]): Value {
  return record(
    'input',
    inputs.map((declaration) => [
      declaration.name,
      declaration.kind === 'dense' ? { kind: 'tensor', declaration } : { kind: 'paged', declaration },
    ]),
  );
}

function readDefinitions(
  reader: Reader,
  outputs: readonly TensorDeclaration[],
  defined: Entries,
  at: Node,
): readonly Definition[] {
  const names = outputs.map((output) => output.name);
  for (const name of defined.keys()) {
    if (!names.includes(name)) reader.report(at, 'output-unknown', name, nearestName(name, names));
  }
  const definitions = outputs.map((output) => {
    const value = defined.get(output.name);
    if (value === undefined) {
      reader.report(at, 'output-missing', output.name);
      return null;
    }
    return reader.attempt(() => readDefinition(reader, output, value, value.kind === 'function' ? value.node : at));
  });
  return definitions.filter((definition) => definition !== null);
}

const record = (of: RecordOf, entries: readonly (readonly [string, Value])[]): Value => ({
  kind: 'record',
  of,
  entries: new Map(entries),
});

const scalar = (expression: Expression): Value => ({ kind: 'scalar', expression });
