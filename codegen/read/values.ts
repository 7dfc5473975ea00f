/**
 * What an author's expression may stand for while it is read: scalars of the IR, functions that are inlined when called,
 * tensors, and the declarations of an operator's head. Nothing here lives past reading.
 */
import type { ArrowFunction, FunctionDeclaration, FunctionExpression, MethodDeclaration } from 'ts-morph';
import type { Expression, IndexVariable, Span } from '../ir/expression.ts';
import type { AttendDefinition, DeclaredElement, DenseDeclaration, PagedDeclaration } from '../ir/operator.ts';
import type { BuiltinName } from './language.ts';
import type { Module } from './modules.ts';
import type { Scope } from './scope.ts';

export type FunctionNode = ArrowFunction | FunctionExpression | FunctionDeclaration | MethodDeclaration;

export interface FunctionValue {
  readonly kind: 'function';
  readonly name: string;
  readonly node: FunctionNode;
  readonly scope: Scope;
}

/** What a record's keys are, in the author's words, for messages about a key that is not there. */
export type RecordOf = 'dimension' | 'input' | 'attr' | 'field';

export type Value =
  /** A number known while reading. Its type is settled by what it meets: `2 * H` is i32, `2 * x(t)` is f32. */
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'scalar'; readonly expression: Expression }
  | FunctionValue
  /** A function of the language itself. */
  | { readonly kind: 'builtin'; readonly name: BuiltinName }
  | { readonly kind: 'record'; readonly of: RecordOf; readonly entries: ReadonlyMap<string, Value> }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'tensor'; readonly declaration: DenseDeclaration }
  | { readonly kind: 'paged'; readonly declaration: PagedDeclaration }
  | {
      readonly kind: 'pagedField';
      readonly declaration: PagedDeclaration;
      readonly field: PagedDeclaration['fields'][number];
    }
  | { readonly kind: 'declaration'; readonly declaration: Undeclared }
  | { readonly kind: 'ragged'; readonly tokens: string; readonly sequences: string }
  | { readonly kind: 'range'; readonly low: Expression; readonly high: Expression }
  /** topN before it is asked for a place. */
  | {
      readonly kind: 'places';
      readonly variable: IndexVariable;
      readonly extent: Expression;
      readonly count: Expression;
      readonly body: Expression;
    }
  | AttendValue
  | ScatterValue
  | { readonly kind: 'math' }
  | { readonly kind: 'namespace'; readonly module: Module }
  | { readonly kind: 'operator'; readonly name: string };

/** A tensor's declaration before the operator's head gives it a name. */
export type Undeclared =
  | {
      readonly kind: 'dense';
      readonly element: DeclaredElement;
      readonly shape: readonly Expression[];
      readonly range: DenseDeclaration['range'];
      readonly state: boolean;
    }
  | { readonly kind: 'paged'; readonly fields: PagedDeclaration['fields'] };

/** As a definition has it, but for the output that it is given to. */
export type AttendValue = Omit<AttendDefinition, 'output' | 'indices'>;

export interface ScatterValue {
  readonly kind: 'scatter';
  readonly variable: IndexVariable;
  readonly extent: Expression;
  readonly slot: readonly Expression[];
  /** By field, in the author's order: each a scalar or a function of the remaining indices. */
  readonly writes: ReadonlyMap<string, { readonly indices: readonly IndexVariable[]; readonly value: Expression }>;
  readonly span: Span;
}

/** A value as a reader would call it, for messages. */
export function describeValue(value: Value): string {
  switch (value.kind) {
    case 'number':
      return `the number ${value.value}`;
    case 'boolean':
      return 'a condition';
    case 'string':
      return `the string '${value.value}'`;
    case 'scalar':
      return value.expression.type === 'bool'
        ? 'a condition'
        : value.expression.type === 'i32'
          ? 'an index'
          : 'a number';
    case 'function':
      return value.name === 'function' ? 'a function' : `the function ${value.name}`;
    case 'builtin':
      return `the function ${value.name}`;
    case 'record':
      return 'an object';
    case 'list':
      return 'a list';
    case 'tensor':
    case 'paged':
      return `the tensor ${value.declaration.name}`;
    case 'pagedField':
      return `the tensor ${value.declaration.name}.${value.field.name}`;
    case 'declaration':
      return 'a declaration';
    case 'ragged':
      return 'a ragged dimension';
    case 'range':
      return 'a range';
    case 'places':
      return 'a function from place to index';
    case 'attend':
      return 'an attend';
    case 'scatter':
      return 'a scatter';
    case 'math':
      return 'Math';
    case 'namespace':
      return 'a module';
    case 'operator':
      return `the operator ${value.name}`;
  }
}
