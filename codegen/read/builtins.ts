/** Calls of the language's own functions: intrinsics, reductions, facts of the batch, attend, scatter, the head's forms. */
import type { Node } from 'ts-morph';
import { type IntrinsicName, intrinsics, isIntrinsicName } from '../../dsl/lang/intrinsics.ts';
import type { Expression, IndexVariable } from '../ir/expression.ts';
import { binary } from './build.ts';
import { declareDense, declareKvCache, declarePaged, declareRagged, declareState } from './declarations.ts';
import { callValue } from './evaluate.ts';
import { parameterNames } from './functions.ts';
import {
  type BinaryFunctionName,
  type BuiltinName,
  isBatchQuery,
  isBinaryFunction,
  isElementForm,
  isReduction,
  type ReductionName,
} from './language.ts';
import { asFloat, asIndex, asPair } from './operators.ts';
import { type Reader, spanOf, textOf } from './reader.ts';
import { callAttend, callScatter } from './structures.ts';
import { argumentNode } from './tensors.ts';
import type { Value } from './values.ts';

export function callBuiltin(reader: Reader, name: BuiltinName, args: readonly Value[], at: Node): Value {
  if (isElementForm(name)) return declareDense(reader, name, args, at);
  if (isIntrinsicName(name)) return callIntrinsic(reader, name, args, at);
  if (isBinaryFunction(name)) return callBinary(reader, name, args, at);
  if (isReduction(name)) return callReduction(reader, name, args, at);
  if (isBatchQuery(name)) {
    if (reader.tokenDimension === null) throw reader.refusal(at, 'no-ragged-axis', name);
    checkCount(reader, name, args, 1, at);
    return scalar({ kind: 'batch', type: 'i32', query: name, of: index(reader, args, 0, at, name), span: spanOf(at) });
  }
  switch (name) {
    case 'range':
      checkCount(reader, name, args, 2, at);
      return { kind: 'range', low: index(reader, args, 0, at, name), high: index(reader, args, 1, at, name) };
    case 'attend':
      checkCount(reader, name, args, 2, at);
      return callAttend(reader, args, at);
    case 'scatter':
      checkCount(reader, name, args, 2, at);
      return callScatter(reader, args, at);
    case 'state':
      return declareState(reader, args, at);
    case 'paged':
      return declarePaged(reader, args, at);
    case 'kvCache':
      return declareKvCache(reader, args, at);
    case 'ragged':
      return declareRagged(reader, args, at);
    case 'op':
      return { kind: 'operator', name: 'op' };
  }
}

/** Calls an author's function of one index with a fresh one named as the author named it. */
export function callWithIndex(
  reader: Reader,
  callee: Value,
  at: Node,
  fallback: string,
): { readonly variable: IndexVariable; readonly result: Value } {
  const name = callee.kind === 'function' ? (parameterNames(callee)[0] ?? fallback) : fallback;
  const variable = reader.freshIndex(name);
  return { variable, result: callValue(reader, callee, [indexValue(variable, at)], at) };
}

export function indexValue(variable: IndexVariable, at: Node): Value {
  return scalar({ kind: 'index', type: 'i32', variable, span: spanOf(at) });
}

function checkCount(reader: Reader, name: string, args: readonly Value[], count: number, at: Node): void {
  if (args.length !== count) throw reader.refusal(at, 'argument-count', name, count, args.length);
}

function callIntrinsic(reader: Reader, name: IntrinsicName, args: readonly Value[], at: Node): Value {
  const { arity, argument, result } = intrinsics[name];
  checkCount(reader, name, args, arity, at);
  const typed = args.map((arg, place) => {
    const node = argumentNode(at, place);
    return argument === 'i32' ? asIndex(reader, arg, node, `an argument of ${name}`) : asFloat(reader, arg, node);
  });
  return scalar({ kind: 'intrinsic', type: result, name, args: typed, span: spanOf(at) });
}

function callBinary(reader: Reader, name: BinaryFunctionName, args: readonly Value[], at: Node): Value {
  checkCount(reader, name, args, 2, at);
  if (name === 'idiv' || name === 'mod') {
    return scalar(binary(name, index(reader, args, 0, at, name), index(reader, args, 1, at, name), spanOf(at)));
  }
  const [a, b] = args;
  if (a?.kind === 'number' && b?.kind === 'number') {
    return {
      kind: 'number',
      value: name === 'minimum' ? Math.min(a.value, b.value) : Math.max(a.value, b.value),
      span: spanOf(at),
    };
  }
  if (a === undefined || b === undefined) throw new Error('unreachable: two arguments were counted');
  return scalar(binary(name, ...asPair(reader, a, b, at), spanOf(at)));
}

function callReduction(reader: Reader, name: ReductionName, args: readonly Value[], at: Node): Value {
  const takesParameter = name === 'topN' || name === 'kthLargest' || name === 'massThreshold';
  checkCount(reader, name, args, takesParameter ? 3 : 2, at);
  const extent = index(reader, args, 0, at, name);
  const ragged = reader.tokenDimension;
  if (extent.kind === 'dim' && extent.name === ragged) throw reader.refusal(at, 'reduction-over-tokens', name, ragged);
  const place = takesParameter ? 2 : 1;
  const bodyNode = argumentNode(at, place);
  const callee = args[place];
  if (callee === undefined || !isCallable(callee)) throw reader.refusal(bodyNode, 'not-a-body', name, textOf(bodyNode));
  const { variable, result } = callWithIndex(reader, callee, bodyNode, 'i');
  const body = asFloat(reader, result, bodyNode);
  const span = spanOf(at);
  if (name === 'topN') return { kind: 'places', variable, extent, count: index(reader, args, 1, at, name), body };
  const parameter =
    name === 'kthLargest'
      ? index(reader, args, 1, at, name)
      : name === 'massThreshold'
        ? float(reader, args, 1, at)
        : null;
  return scalar({
    kind: 'reduce',
    type: name === 'argmax' ? 'i32' : 'f32',
    op: name,
    variable,
    extent,
    body,
    parameter,
    count: null,
    span,
  });
}

export function isCallable(value: Value): boolean {
  return ['function', 'builtin', 'tensor', 'pagedField', 'places'].includes(value.kind);
}

function index(reader: Reader, args: readonly Value[], place: number, at: Node, name: string): Expression {
  const arg = args[place];
  if (arg === undefined) throw reader.refusal(at, 'argument-count', name, place + 1, args.length);
  return asIndex(reader, arg, argumentNode(at, place), `an argument of ${name}`);
}

function float(reader: Reader, args: readonly Value[], place: number, at: Node): Expression {
  const arg = args[place];
  if (arg === undefined) throw new Error('unreachable: the arguments were counted');
  return asFloat(reader, arg, argumentNode(at, place));
}

const scalar = (expression: Expression): Value => ({ kind: 'scalar', expression });
