/**
 * Expressions of the IR, run on approximate numbers. The values are those of the oracle, to rounding in f64, which makes this a
 * second reading of the author's source as well.
 */

import { assertNever } from '../../codegen/ir/assert-never.ts';
import type { BatchQuery, Binary, Compare, Expression, Reduce } from '../../codegen/ir/expression.ts';
import { idiv, maximum, minimum, mod } from '../../dsl/lang/arithmetic.ts';
import { contextLen, pos, seq, seqLen, seqStart, slot } from '../../dsl/lang/batch.ts';
import { intrinsics } from '../../dsl/lang/intrinsics.ts';
import {
  type Approximate,
  add,
  anything,
  converted,
  divide,
  exactly,
  intrinsic,
  isExact,
  isSettled,
  lipschitz,
  multiply,
  negate,
  subtract,
  written,
} from './approximate.ts';
import { reduced } from './reductions.ts';

export interface Environment {
  readonly dims: Readonly<Record<string, number>>;
  readonly attrs: Readonly<Record<string, number>>;
  /** An element of an input; indices lie in it. */
  readonly load: (tensor: string, field: string | null, indices: readonly number[]) => Approximate;
  /** Of the indices that are bound. */
  readonly indices: Map<number, number>;
}

export type Run = (environment: Environment) => Approximate;

/** What a condition is; 1 and 0, with an infinite error where f32 may decide otherwise. */
export function approximation(node: Expression): Run {
  switch (node.kind) {
    case 'number':
      return () => written(node.value);
    case 'dim':
      return ({ dims }) => exactly(dims[node.name] ?? Number.NaN);
    case 'attr':
      return ({ attrs }) => written(attrs[node.name] ?? Number.NaN);
    case 'index':
      return ({ indices }) => exactly(indices.get(node.variable.id) ?? Number.NaN);
    case 'load': {
      const at = node.indices.map(approximation);
      return (environment) => {
        const indices = at.map((run) => run(environment));
        if (!indices.every(isExact)) return anything(Number.NaN);
        return environment.load(
          node.tensor,
          node.field,
          indices.map(({ value }) => value),
        );
      };
    }
    case 'batch': {
      const of = approximation(node.of);
      const query = queries[node.query];
      return onExact([of], (token = 0) => query(token));
    }
    case 'negate': {
      const operand = approximation(node.operand);
      return (environment) => negate(operand(environment));
    }
    case 'not': {
      const operand = approximation(node.operand);
      return (environment) => {
        const { value, error } = operand(environment);
        return { value: 1 - value, error };
      };
    }
    case 'binary':
      return binaryOf(node);
    case 'compare':
      return compareOf(node);
    case 'logical': {
      const [left, right] = [approximation(node.left), approximation(node.right)];
      const decides = node.op === '&&' ? 0 : 1;
      return (environment) => {
        const first = left(environment);
        if (!isExact(first)) return first;
        return first.value === decides ? first : right(environment);
      };
    }
    case 'select': {
      const [condition, then, otherwise] = [node.condition, node.then, node.otherwise].map(approximation);
      if (!condition || !then || !otherwise) throw new Error('unreachable: a ternary has three parts');
      return (environment) => {
        const decided = condition(environment);
        const { value, error } = decided.value === 1 ? then(environment) : otherwise(environment);
        return { value, error: error + decided.error };
      };
    }
    case 'intrinsic': {
      const args = node.args.map(approximation);
      const { node: inNode } = intrinsics[node.name];
      const call = inNode as (...values: readonly number[]) => number;
      // Noise is the same bits everywhere.
      if (args.length > 1) return onExact(args, call);
      const [argument] = args;
      if (!argument) throw new Error(`${node.name} has no argument`);
      return (environment) => {
        const x = argument(environment);
        return intrinsic(node.name, call(x.value), x);
      };
    }
    case 'convert': {
      const operand = approximation(node.operand);
      return node.type === 'f32' ? (environment) => converted(operand(environment)) : operand;
    }
    case 'reduce':
      return reduceOf(node);
    case 'local':
    case 'round':
      throw new Error(`${node.kind} is made by lowering`);
    default:
      return assertNever(node);
  }
}

/** A function of whole numbers, or one that is known to the bit. */
function onExact(args: readonly Run[], call: (...values: readonly number[]) => number): Run {
  return (environment) => {
    const values = args.map((run) => run(environment));
    if (values.every(isExact)) return exactly(call(...values.map(({ value }) => value)));
    return anything(Number.NaN);
  };
}

const queries: Readonly<Record<BatchQuery['query'], (of: number) => number>> = {
  seq,
  pos,
  slot,
  seqStart,
  seqLen,
  contextLen,
};

const whole: Readonly<Record<Binary['op'], (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  idiv,
  mod,
  minimum,
  maximum,
};

function binaryOf(node: Binary): Run {
  const [left, right] = [approximation(node.left), approximation(node.right)];
  if (node.type === 'i32') return onExact([left, right], whole[node.op] as (...values: readonly number[]) => number);
  return (environment) => {
    const [a, b] = [left(environment), right(environment)];
    switch (node.op) {
      case '+':
        return add(a, b);
      case '-':
        return subtract(a, b);
      case '*':
        return multiply(a, b);
      case '/':
        return divide(a, b);
      case 'minimum':
      case 'maximum':
        return lipschitz(whole[node.op](a.value, b.value), [a, b]);
      case 'idiv':
      case 'mod':
        throw new Error(`${node.op} is of whole numbers`);
      default:
        return assertNever(node.op);
    }
  };
}

function compareOf(node: Compare): Run {
  const [left, right] = [approximation(node.left), approximation(node.right)];
  const holds = comparisons[node.op];
  return (environment) => {
    const [a, b] = [left(environment), right(environment)];
    const value = holds(a.value, b.value) ? 1 : 0;
    return isSettled(a, b) ? exactly(value) : anything(value);
  };
}

const comparisons: Readonly<Record<Compare['op'], (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

function reduceOf(node: Reduce): Run {
  const [extent, body] = [approximation(node.extent), approximation(node.body)];
  const [parameter, count] = [node.parameter, node.count].map((part) => (part ? approximation(part) : null));
  const { id } = node.variable;
  return (environment) => {
    const { value: n, error } = extent(environment);
    const given = parameter?.(environment) ?? exactly(0);
    const most = count?.(environment) ?? exactly(0);
    if (error + most.error > 0 || (node.op !== 'massThreshold' && !isExact(given))) return anything(Number.NaN);
    const terms: Approximate[] = [];
    for (let i = 0; i < n; i++) {
      environment.indices.set(id, i);
      terms.push(body(environment));
    }
    return reduced(node.op, terms, given.value, most.value);
  };
}
