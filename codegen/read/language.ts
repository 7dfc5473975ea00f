/**
 * The names of dsl/lang that the reader gives a meaning of its own. Every other function of the language (an activation, a
 * mean) is a pure function like an author's and is read from its source.
 */
import { binaryFunctions } from '../../dsl/lang/arithmetic.ts';
import { type BatchQueryName, batchQueries } from '../../dsl/lang/batch.ts';
import { type IntrinsicName, isIntrinsicName } from '../../dsl/lang/intrinsics.ts';
import { reductions } from '../../dsl/lang/reductions.ts';

export type BinaryFunctionName = (typeof binaryFunctions)[number];
export type ReductionName = (typeof reductions)[number];

/** The forms of an operator's head. */
export const elementForms = ['act', 'weight', 'cache', 'f32', 'i32'] as const;
export type ElementForm = (typeof elementForms)[number];

const otherForms = ['op', 'state', 'paged', 'kvCache', 'ragged', 'attend', 'range', 'scatter'] as const;
type OtherForm = (typeof otherForms)[number];

export type BuiltinName = IntrinsicName | BinaryFunctionName | BatchQueryName | ReductionName | ElementForm | OtherForm;

export const isElementForm = member(elementForms);
export const isReduction = member(reductions);
export const isBatchQuery = member(batchQueries);
export const isBinaryFunction = member(binaryFunctions);
const isOtherForm = member(otherForms);

export function isBuiltin(name: string): name is BuiltinName {
  return (
    isIntrinsicName(name) ||
    isBinaryFunction(name) ||
    isBatchQuery(name) ||
    isReduction(name) ||
    isElementForm(name) ||
    isOtherForm(name)
  );
}

function member<const Names extends readonly string[]>(names: Names): (name: string) => name is Names[number] {
  return (name): name is Names[number] => names.includes(name);
}
