/** An author's own functions: calls are inlined, parameters bound to values, bodies are consts and one return. */
import { type BindingName, Node, type ParameterDeclaration, type Statement } from 'ts-morph';
import { nearestName } from '../diagnostics/nearest.ts';
import { rewrite } from '../ir/rewrite.ts';
import { evaluate } from './evaluate.ts';
import { isLanguageFile } from './modules.ts';
import { isAssignment, refuseAssignment } from './operators.ts';
import { type Reader, type Refusal, spanOf, textOf } from './reader.ts';
import { innerScope, type Scope } from './scope.ts';
import { describeValue, type FunctionNode, type FunctionValue, type Value } from './values.ts';

export function isFunctionNode(node: Node): node is FunctionNode {
  return (
    Node.isArrowFunction(node) ||
    Node.isFunctionExpression(node) ||
    Node.isFunctionDeclaration(node) ||
    Node.isMethodDeclaration(node)
  );
}

/** Inlines a call. The result of the same function with the same arguments is one value, and so one node of the DAG. */
export function callFunction(reader: Reader, callee: FunctionValue, args: readonly Value[], at: Node): Value {
  const finished = reader.results.get(callee) ?? [];
  const known = finished.find(
    (call) => call.args.length === args.length && call.args.every((arg, place) => sameValue(arg, args[place])),
  );
  if (known !== undefined) return known.result;
  const read = reader.enter(callee, at, () => {
    const { node } = callee;
    if (node.isAsync()) throw reader.refusal(node, 'async-function', callee.name);
    if (!Node.isArrowFunction(node) && node.isGenerator())
      throw reader.refusal(node, 'generator-function', callee.name);
    const scope = innerScope(callee.scope);
    for (const [place, parameter] of node.getParameters().entries()) {
      bindParameter(reader, parameter, args[place], scope, callee.name, at);
    }
    return readBody(reader, callee, scope);
  });
  const result = toldAtCall(read, callee, at);
  reader.results.set(callee, [...(reader.results.get(callee) ?? []), { args, result }]);
  return result;
}

/** What a function of the language computes is told of at its call: its own lines are not the author's to mend. */
function toldAtCall(result: Value, callee: FunctionValue, at: Node): Value {
  const file = callee.node.getSourceFile().getFilePath();
  if (result.kind !== 'scalar' || !isLanguageFile(file) || at.getSourceFile().getFilePath() === file) return result;
  const span = spanOf(at);
  const expression = rewrite(result.expression, (node) => (node.span.file === file ? { ...node, span } : node));
  return { ...result, expression };
}

/** How many arguments a function asks for, and their names where they are plain. */
export function parameterNames(callee: FunctionValue): readonly string[] {
  return callee.node.getParameters().map((parameter) => parameter.getName());
}

function sameValue(a: Value, b: Value | undefined): boolean {
  if (a === b) return true;
  if (b === undefined) return false;
  if (a.kind === 'scalar' && b.kind === 'scalar') return a.expression === b.expression;
  return a.kind === 'number' && b.kind === 'number' && Object.is(a.value, b.value);
}

function bindParameter(
  reader: Reader,
  parameter: ParameterDeclaration,
  given: Value | undefined,
  scope: Scope,
  callee: string,
  at: Node,
): void {
  if (parameter.isRestParameter()) throw reader.refusal(parameter, 'rest-parameter', textOf(parameter));
  const initializer = parameter.getInitializer();
  const value = given ?? (initializer === undefined ? undefined : evaluate(reader, initializer, scope));
  if (value === undefined) throw reader.refusal(at, 'missing-argument', callee, textOf(parameter));
  bindName(reader, parameter.getNameNode(), value, scope);
}

/** Binds a name or a destructuring pattern, shorthand (`{ H }`) or renamed (`{ H: width }`). */
function bindName(reader: Reader, pattern: BindingName, value: Value, scope: Scope): void {
  if (Node.isIdentifier(pattern)) {
    scope.bindings.set(pattern.getText(), value);
    return;
  }
  if (Node.isArrayBindingPattern(pattern)) {
    if (value.kind !== 'list') throw reader.refusal(pattern, 'destructuring', describeValue(value));
    pattern.getElements().forEach((element, place) => {
      if (!Node.isBindingElement(element)) return;
      const item = value.items[place];
      if (item === undefined) throw reader.refusal(element, 'destructuring', `a list of ${value.items.length}`);
      bindName(reader, element.getNameNode(), item, scope);
    });
    return;
  }
  if (value.kind !== 'record') throw reader.refusal(pattern, 'destructuring', describeValue(value));
  for (const element of pattern.getElements()) {
    if (element.getDotDotDotToken()) throw reader.refusal(element, 'rest-parameter', textOf(element));
    const key = element.getPropertyNameNode()?.getText() ?? element.getName();
    const item = value.entries.get(key);
    if (item !== undefined) {
      bindName(reader, element.getNameNode(), item, scope);
      continue;
    }
    reader.report(
      element,
      'unknown-key',
      value.of,
      key,
      [...value.entries.keys()],
      nearestName(key, value.entries.keys()),
      reader.roles.get(key) ?? null,
    );
    for (const name of boundNames(element.getNameNode())) scope.bindings.set(name, null);
  }
}

function boundNames(pattern: BindingName): readonly string[] {
  if (Node.isIdentifier(pattern)) return [pattern.getText()];
  return pattern
    .getElements()
    .flatMap((element) => (Node.isBindingElement(element) ? boundNames(element.getNameNode()) : []));
}

function readBody(reader: Reader, callee: FunctionValue, scope: Scope): Value {
  const body = callee.node.getBody();
  if (body === undefined) throw reader.refusal(callee.node, 'no-body', callee.name);
  if (!Node.isBlock(body)) return evaluate(reader, body, scope);
  const statements = body.getStatements();
  for (const statement of statements) {
    if (!Node.isFunctionDeclaration(statement)) continue;
    const name = statement.getName() ?? 'function';
    scope.bindings.set(name, { kind: 'function', name, node: statement, scope });
  }
  for (const statement of statements) {
    if (Node.isReturnStatement(statement)) {
      const returned = statement.getExpression();
      if (returned !== undefined) return evaluate(reader, returned, scope);
    } else if (!Node.isFunctionDeclaration(statement)) {
      readStatement(reader, statement, scope);
    }
  }
  throw reader.refusal(callee.node, 'no-return', callee.name);
}

function readStatement(reader: Reader, statement: Statement, scope: Scope): void {
  if (!Node.isVariableStatement(statement)) throw refuseStatement(reader, statement);
  if (statement.getDeclarationKind() !== 'const')
    throw reader.refusal(statement, 'local-let', statement.getDeclarationKind());
  for (const declaration of statement.getDeclarations()) {
    const initializer = declaration.getInitializer();
    if (initializer === undefined) continue;
    const pattern = declaration.getNameNode();
    const value = reader.attempt(() => evaluate(reader, initializer, scope, declaration.getName()));
    if (value === null) for (const name of boundNames(pattern)) scope.bindings.set(name, null);
    else bindName(reader, pattern, value, scope);
  }
}

function refuseStatement(reader: Reader, statement: Statement): Refusal {
  if (Node.isIterationStatement(statement))
    return reader.refusal(statement, 'loop', statement.getText().split(/\W/, 1)[0] ?? 'loop');
  if (Node.isIfStatement(statement) || Node.isSwitchStatement(statement))
    return reader.refusal(statement, 'branch-statement');
  const expression = Node.isExpressionStatement(statement) ? statement.getExpression() : undefined;
  if (expression !== undefined && isAssignment(expression)) return refuseAssignment(reader, expression, statement);
  return reader.refusal(statement, 'statement', textOf(statement));
}
