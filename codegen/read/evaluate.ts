/** An author's expression to a value, by its syntax: one case a form, everything else refused. */
import {
  type CallExpression,
  type ElementAccessExpression,
  Node,
  type ObjectLiteralExpression,
  type PropertyAccessExpression,
} from 'ts-morph';
import { nearestName } from '../diagnostics/nearest.ts';
import { callBuiltin } from './builtins.ts';
import { declareContents } from './declarations.ts';
import { callFunction, isFunctionNode } from './functions.ts';
import { choose, isAssignment, negateValue, notValue, operate, refuseAssignment } from './operators.ts';
import { type Reader, Refusal, spanOf, textOf } from './reader.ts';
import { lookup, resolvedValue, type Scope } from './scope.ts';
import { loadDense, loadPaged, placeOf } from './tensors.ts';
import { describeValue, type Value } from './values.ts';

/** `name` is what a function written here is called in messages: the const or key it is bound to. */
export function evaluate(reader: Reader, node: Node, scope: Scope, name = 'function'): Value {
  if (isWrapper(node)) return evaluate(reader, node.getExpression(), scope, name);
  if (Node.isNumericLiteral(node)) return { kind: 'number', value: node.getLiteralValue(), span: spanOf(node) };
  if (Node.isStringLiteral(node)) return { kind: 'string', value: node.getLiteralValue() };
  if (Node.isTrueLiteral(node) || Node.isFalseLiteral(node))
    return { kind: 'boolean', value: node.getLiteralValue(), span: spanOf(node) };
  if (Node.isIdentifier(node)) return lookup(reader, node, scope);
  if (isFunctionNode(node)) return { kind: 'function', name, node, scope };
  if (Node.isPrefixUnaryExpression(node))
    return evaluateUnary(reader, node.getText().charAt(0), node, node.getOperand(), scope);
  if (Node.isBinaryExpression(node)) {
    const left = reader.attempt(() => evaluate(reader, node.getLeft(), scope));
    const right = reader.attempt(() => evaluate(reader, node.getRight(), scope));
    if (left === null || right === null) throw new Refusal('operand');
    return operate(reader, node, left, right);
  }
  if (Node.isConditionalExpression(node)) {
    const parts = [node.getCondition(), node.getWhenTrue(), node.getWhenFalse()] as const;
    const [condition, then, otherwise] = parts.map((part) => reader.attempt(() => evaluate(reader, part, scope)));
    if (!condition || !then || !otherwise) throw new Refusal('branch');
    return choose(reader, node, condition, then, otherwise);
  }
  if (Node.isCallExpression(node)) return evaluateCall(reader, node, scope);
  if (Node.isPropertyAccessExpression(node)) return evaluateProperty(reader, node, scope);
  if (Node.isObjectLiteralExpression(node)) return evaluateObject(reader, node, scope);
  if (Node.isArrayLiteralExpression(node)) {
    return { kind: 'list', items: evaluateAll(reader, node.getElements(), scope) };
  }
  throw refuseForm(reader, node, scope);
}

function refuseForm(reader: Reader, node: Node, scope: Scope): Refusal {
  if (Node.isAwaitExpression(node)) return reader.refusal(node, 'await');
  if (Node.isElementAccessExpression(node)) return refuseBrackets(reader, node, scope);
  if (Node.isNullLiteral(node)) return reader.refusal(node, 'no-value', 'null');
  if (Node.isBigIntLiteral(node)) return reader.refusal(node, 'bigint', node.getText());
  if (isAssignment(node)) return refuseAssignment(reader, node);
  return reader.refusal(node, 'syntax', textOf(node));
}

/** `x[t][h]` of a tensor is told as the call x(t, h). */
function refuseBrackets(reader: Reader, node: ElementAccessExpression, scope: Scope): Refusal {
  const indices: string[] = [];
  let base: Node = node;
  while (Node.isElementAccessExpression(base)) {
    indices.unshift(base.getArgumentExpression()?.getText() ?? '…');
    base = base.getExpression();
  }
  const { kind } = evaluate(reader, base, scope);
  const call = `${base.getText()}(${indices.join(', ')})`;
  return reader.refusal(node, 'element-by-brackets', textOf(node), call, kind === 'tensor' || kind === 'pagedField');
}

/** Calls a function, a tensor or a topN with values already read; `at` is the call, for messages. */
export function callValue(reader: Reader, callee: Value, args: readonly Value[], at: Node): Value {
  switch (callee.kind) {
    case 'function':
      return callFunction(reader, callee, args, at);
    case 'builtin':
      return callBuiltin(reader, callee.name, args, at);
    case 'tensor':
      return loadDense(reader, callee.declaration, args, at);
    case 'pagedField':
      return loadPaged(reader, callee.declaration, callee.field, args, at);
    case 'places':
      return placeOf(reader, callee, args, at);
    case 'operator':
      throw reader.refusal(at, 'operator-inside', callee.name);
    case 'paged':
      throw reader.refusal(
        at,
        'paged-without-field',
        callee.declaration.name,
        callee.declaration.fields.map((field) => field.name),
      );
    default:
      throw reader.refusal(at, 'not-callable', textOf(at), describeValue(callee));
  }
}

export function evaluateObject(
  reader: Reader,
  node: ObjectLiteralExpression,
  scope: Scope,
): Value & { kind: 'record' } {
  const entries = new Map<string, Value>();
  let isComplete = true;
  for (const property of node.getProperties()) {
    const value = reader.attempt((): readonly [string, Value] => {
      if (Node.isShorthandPropertyAssignment(property))
        return [property.getName(), lookup(reader, property.getNameNode(), scope)];
      if (Node.isMethodDeclaration(property))
        return [property.getName(), { kind: 'function', name: property.getName(), node: property, scope }];
      const initializer = Node.isPropertyAssignment(property) ? property.getInitializer() : undefined;
      if (
        !Node.isPropertyAssignment(property) ||
        initializer === undefined ||
        Node.isComputedPropertyName(property.getNameNode())
      ) {
        throw reader.refusal(property, 'object-form', textOf(property));
      }
      const key = property.getName().replace(/^(['"])(.*)\1$/, '$2');
      return [key, evaluate(reader, initializer, scope, key)];
    });
    if (value === null) isComplete = false;
    else entries.set(...value);
  }
  if (!isComplete) throw new Refusal('object');
  return { kind: 'record', of: 'field', entries };
}

function evaluateUnary(reader: Reader, operator: string, node: Node, operandNode: Node, scope: Scope): Value {
  if (isAssignment(node)) throw refuseAssignment(reader, node);
  const operand = evaluate(reader, operandNode, scope);
  if (operator === '-') return negateValue(reader, node, operand);
  if (operator === '!') return notValue(reader, node, operand);
  throw reader.refusal(node, 'operator', operator === '+' ? '+ before a value' : node.getText().slice(0, 2));
}

function evaluateCall(reader: Reader, node: CallExpression, scope: Scope): Value {
  const calleeNode = node.getExpression();
  const args = (): readonly Value[] => evaluateAll(reader, node.getArguments(), scope);
  if (node.hasQuestionDotToken()) throw reader.refusal(node, 'syntax', textOf(node));
  if (Node.isPropertyAccessExpression(calleeNode)) {
    const object = evaluate(reader, calleeNode.getExpression(), scope);
    if (object.kind === 'declaration' && calleeNode.getName() === 'in')
      return declareContents(reader, object, args(), node);
    if (object.kind === 'math') throw reader.refusal(calleeNode, 'math-function', calleeNode.getName());
  }
  return callValue(reader, evaluate(reader, calleeNode, scope), args(), node);
}

function evaluateAll(reader: Reader, nodes: readonly Node[], scope: Scope): readonly Value[] {
  const values = nodes.map((node) => {
    if (Node.isSpreadElement(node))
      return reader.attempt(() => {
        throw reader.refusal(node, 'spread', textOf(node));
      });
    return reader.attempt(() => evaluate(reader, node, scope));
  });
  if (values.some((value) => value === null)) throw new Refusal('argument');
  return values.filter((value) => value !== null);
}

function evaluateProperty(reader: Reader, node: PropertyAccessExpression, scope: Scope): Value {
  const object = evaluate(reader, node.getExpression(), scope);
  const name = node.getName();
  switch (object.kind) {
    case 'record': {
      const entry = object.entries.get(name);
      if (entry !== undefined) return entry;
      throw reader.refusal(
        node,
        'unknown-key',
        object.of,
        name,
        [...object.entries.keys()],
        nearestName(name, object.entries.keys()),
        reader.roles.get(name) ?? null,
      );
    }
    case 'paged': {
      const { declaration } = object;
      const field = declaration.fields.find((candidate) => candidate.name === name);
      if (field !== undefined) return { kind: 'pagedField', declaration, field };
      throw reader.refusal(
        node,
        'unknown-field',
        declaration.name,
        name,
        declaration.fields.map((candidate) => candidate.name),
      );
    }
    case 'namespace': {
      const resolution = reader.modules.resolveExport(object.module, name);
      if (resolution !== null) return resolvedValue(reader, node, resolution);
      throw reader.refusal(node, 'unknown-name', name, nearestName(name, object.module.names.exports.keys()));
    }
    case 'math': {
      const constant: unknown = Object.getOwnPropertyDescriptor(Math, name)?.value;
      if (typeof constant === 'number') return { kind: 'number', value: constant, span: spanOf(node) };
      throw reader.refusal(node, 'math-function', name);
    }
    default:
      throw reader.refusal(
        node,
        'property',
        textOf(node),
        describeValue(object),
        name,
        textOf(node.getExpression()),
        reader.modules.languageNames().includes(name),
      );
  }
}

function isWrapper(node: Node) {
  return (
    Node.isParenthesizedExpression(node) ||
    Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isNonNullExpression(node) ||
    Node.isTypeAssertion(node)
  );
}
