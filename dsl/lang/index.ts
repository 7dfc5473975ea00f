/** The language: what an operator's source may use, its execution in Node, and the tracing of models. */
export * from './activations.ts';
export * from './arithmetic.ts';
export { type Attended, type Attention, attend, type Range, range } from './attend.ts';
export { type Batch, contextLen, pos, seq, seqLen, seqStart, slot } from './batch.ts';
export {
  type AttrDeclaration,
  type Attrs,
  act,
  cache,
  type Declarations,
  type DeclaredElement,
  type DenseDeclaration,
  dimensionNames,
  type FloatForm,
  f32,
  type IndexDeclaration,
  type IndexForm,
  i32,
  kvCache,
  type PagedDeclaration,
  paged,
  type Ragged,
  ragged,
  state,
  type TensorDeclaration,
  weight,
} from './declare.ts';
export { LanguageError, type LanguageErrorCode } from './error.ts';
export { type ElementTypes, type Evaluation, evaluate } from './evaluate.ts';
export { type EvaluatedStep, evaluateGraph, evaluateRanks, type StepEvaluation } from './evaluate-graph.ts';
export * from './graph.ts';
export {
  abs,
  cos,
  exp,
  floor,
  gumbel,
  type IntrinsicName,
  intrinsics,
  isIntrinsicName,
  log,
  rsqrt,
  sin,
  sqrt,
  tanh,
  targetName,
  uniform,
} from './intrinsics.ts';
export { type CallableOperator, type Operator, type OperatorSpec, op, type TypedSpec } from './operator.ts';
export { argmax, kthLargest, massThreshold, max, sum, topN } from './reductions.ts';
export * from './rounding.ts';
export { type Scattered, scatter } from './scatter.ts';
export { SymbolicTensor } from './symbolic.ts';
export { GraphBuilder, raggedCounts, trace } from './trace.ts';
export type { EvaluatedValue, PagedValue, Value } from './values.ts';
