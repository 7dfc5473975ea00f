import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Expression } from '../../../codegen/ir/expression.ts';
import type { MapDefinition, OperatorIr } from '../../../codegen/ir/operator.ts';
import { verifyOperator } from '../../../codegen/ir/verify-operator.ts';
import { readOperators } from '../../../codegen/read/read.ts';

const { ir } = readOperators([join(import.meta.dirname, '../../../dsl/ops/silu-mul.ts')]);
const [sound] = ir as readonly [OperatorIr];
const [definition] = sound.definitions as readonly [MapDefinition];
const value = definition.value;

/** The operator with another value of its output. */
const withValue = (changed: Expression): OperatorIr => ({ ...sound, definitions: [{ ...definition, value: changed }] });

test('a sound operator passes', () => expect(() => verifyOperator(sound)).not.toThrow());

const { span } = value;
const stray: Expression = { kind: 'index', type: 'i32', variable: { id: 99, name: 'j' }, span };
const broken: readonly (readonly [rule: string, operator: OperatorIr, message: RegExp])[] = [
  ['an output is defined once', { ...sound, definitions: [definition, definition] }, /y is defined 2 times/],
  ['an output is defined', { ...sound, definitions: [] }, /y is defined 0 times/],
  ['an index is bound', withValue({ kind: 'convert', type: 'f32', operand: stray, span }), /outside of its scope/],
  [
    'an index is bound once',
    { ...sound, definitions: [{ ...definition, indices: [0, 1].map(() => ({ id: 0, name: 't' })) }] },
    /bound twice/,
  ],
  [
    'a dimension is declared',
    withValue({ kind: 'convert', type: 'f32', operand: { kind: 'dim', type: 'i32', name: 'Q', span }, span }),
    /Q is no dimension/,
  ],
  ['an attr is declared', withValue({ kind: 'attr', type: 'f32', name: 'eps', span }), /eps is no attr/],
  [
    'a tensor is an input',
    withValue({ kind: 'load', type: 'f32', tensor: 'z', field: null, indices: [], span }),
    /z is no input/,
  ],
  [
    'a load has an index an axis',
    withValue({ kind: 'load', type: 'f32', tensor: 'x', field: null, indices: [], span }),
    /at 0 indices/,
  ],
  [
    'operands have one type',
    withValue({
      kind: 'binary',
      type: 'f32',
      op: '+',
      left: value,
      right: { kind: 'dim', type: 'i32', name: 'H', span },
      span,
    }),
    /type of their operation/,
  ],
  [
    'an intrinsic has its arguments',
    withValue({ kind: 'intrinsic', type: 'f32', name: 'exp', args: [], span }),
    /exp has its declared types/,
  ],
];

test.each(broken)('%s', (_, operator, message) => expect(() => verifyOperator(operator)).toThrow(message));
