/** Names in scope while a function's body is read: parameters and local consts, then the module's own names. */
import { Node } from 'ts-morph';
import { nearestName } from '../diagnostics/nearest.ts';
import { evaluate } from './evaluate.ts';
import { isFunctionNode } from './functions.ts';
import type { Module, Resolution } from './modules.ts';
import { type Reader, Refusal, spanOf } from './reader.ts';
import type { Value } from './values.ts';

export interface Scope {
  readonly module: Module;
  readonly parent: Scope | null;
  /** null: the name's value was refused, and its uses are passed over in silence. */
  readonly bindings: Map<string, Value | null>;
}

export function moduleScope(module: Module): Scope {
  return { module, parent: null, bindings: new Map() };
}

export function innerScope(parent: Scope): Scope {
  return { module: parent.module, parent, bindings: new Map() };
}

/** The value an identifier stands for. Refuses unknown names, `let`, classes and names from packages. */
export function lookup(reader: Reader, node: Node, scope: Scope): Value {
  const name = node.getText();
  for (let inner: Scope | null = scope; inner !== null; inner = inner.parent) {
    const bound = inner.bindings.get(name);
    if (bound === null) throw new Refusal(name);
    if (bound !== undefined) return bound;
  }
  const resolution = reader.modules.resolveLocal(scope.module, name);
  if (resolution !== null) return resolvedValue(reader, node, resolution);
  if (name === 'Infinity') return { kind: 'number', value: Number.POSITIVE_INFINITY, span: spanOf(node) };
  if (name === 'Math') return { kind: 'math' };
  const language = reader.modules.languageNames();
  if (language.includes(name)) throw reader.refusal(node, 'not-imported', name);
  if (name in globalThis) throw reader.refusal(node, 'javascript-global', name);
  throw reader.refusal(node, 'unknown-name', name, nearestName(name, [...namesInScope(scope), ...language]));
}

/** The value of a name that imports and exports lead to. */
export function resolvedValue(reader: Reader, node: Node, resolution: Resolution): Value {
  switch (resolution.kind) {
    case 'builtin':
      return { kind: 'builtin', name: resolution.name };
    case 'namespace':
      return { kind: 'namespace', module: resolution.module };
    case 'package':
      throw reader.refusal(node, 'from-package', node.getText(), resolution.specifier);
    case 'data':
      throw reader.refusal(node, 'from-data-file', node.getText(), resolution.specifier);
    case 'missing':
      throw reader.refusal(
        node,
        'missing-export',
        node.getText(),
        resolution.specifier,
        nearestName(node.getText(), resolution.exports),
      );
    case 'declaration':
      return declaredValue(reader, node, resolution);
  }
}

function declaredValue(reader: Reader, use: Node, { node, module, name }: Resolution & { kind: 'declaration' }): Value {
  const known = reader.moduleValues.get(node);
  if (known === null) throw reader.beingRead.has(node) ? reader.refusal(use, 'const-cycle', name) : new Refusal(name);
  if (known !== undefined) return known;
  if (isFunctionNode(node)) {
    const value: Value = { kind: 'function', name, node, scope: moduleScope(module) };
    reader.moduleValues.set(node, value);
    return value;
  }
  if (!Node.isVariableDeclaration(node)) throw reader.refusal(use, 'captured-class', name);
  if (node.getVariableStatement()?.getDeclarationKind() !== 'const') throw reader.refusal(use, 'captured-let', name);
  const initializer = node.getInitializer();
  if (initializer === undefined) throw reader.refusal(use, 'captured-value', name);
  reader.moduleValues.set(node, null);
  reader.beingRead.add(node);
  const value = reader.attempt(() => evaluate(reader, initializer, moduleScope(module), name));
  reader.beingRead.delete(node);
  const named = value?.kind === 'operator' ? { ...value, name } : value;
  reader.moduleValues.set(node, named);
  if (named === null) throw new Refusal(name);
  return named;
}

function namesInScope(scope: Scope): readonly string[] {
  const names = [...scope.module.names.locals.keys(), ...scope.module.names.imports.keys(), 'Infinity', 'Math'];
  for (let inner: Scope | null = scope; inner !== null; inner = inner.parent) names.push(...inner.bindings.keys());
  return names;
}
