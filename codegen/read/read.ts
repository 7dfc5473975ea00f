/**
 * The first pass: TypeScript source to operators. Entry modules are followed through their imports; every exported
 * `op({...})` that is reached becomes an OperatorIr. Only source text is read: nothing is imported or run.
 */
import { type CallExpression, Node, SyntaxKind } from 'ts-morph';
import type { Diagnostic, PassResult } from '../ir/diagnostic.ts';
import type { OperatorIr } from '../ir/operator.ts';
import { isLibraryFile, type Module, Modules } from './modules.ts';
import { readOperator } from './operator.ts';
import { Reader } from './reader.ts';
import { syntaxMistake } from './syntax.ts';

/**
 * All operators that the entry files declare, re-export or import, however far away, in the order they are reached; none of
 * files that `isLeftOut`. An operator with a mistake is left out and its diagnostics are given. Throws where an entry file does
 * not exist.
 */
export function readOperators(
  entryFiles: readonly string[],
  isLeftOut: (path: string) => boolean = () => false,
): PassResult<readonly OperatorIr[]> {
  const modules = new Modules();
  const operators: OperatorIr[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const module of modules.reachable(entryFiles, isLeftOut)) {
    const found = readModule(modules, module);
    operators.push(...found.ir);
    diagnostics.push(...found.diagnostics);
  }
  return { ir: operators, diagnostics };
}

function readModule(modules: Modules, module: Module): PassResult<readonly OperatorIr[]> {
  const exported = new Map<Node, string>();
  for (const [name, target] of module.names.exports) {
    const node = target.specifier === null ? module.names.locals.get(target.name) : undefined;
    if (node !== undefined) exported.set(node, name);
  }
  const operators: OperatorIr[] = [];
  const reader = new Reader(modules);
  const diagnostics: Diagnostic[] = [];
  const mistake = syntaxMistake(module.source);
  if (mistake !== null) return { ir: [], diagnostics: [mistake] };
  for (const node of module.names.again) reader.report(node, 'declared-twice', node.getName());
  const named = new Set<Node>();
  for (const [local, node] of module.names.locals) {
    const call = operatorCall(modules, module, node);
    if (call === null) continue;
    named.add(call);
    const name = exported.get(node);
    if (name === undefined) {
      reader.report(node, 'operator-not-exported', local);
      continue;
    }
    const result = readOperator(modules, module, name, call);
    if (result.ir !== null) operators.push(result.ir);
    diagnostics.push(...result.diagnostics);
  }
  for (const call of operatorCalls(modules, module)) if (!named.has(call)) reader.report(call, 'operator-without-name');
  return { ir: operators, diagnostics: [...reader.diagnostics, ...diagnostics] };
}

/** Wherever they stand, where the module imports `op` at all. */
function operatorCalls(modules: Modules, module: Module): readonly CallExpression[] {
  if (isLibraryFile(module.path)) return [];
  return module.source.getDescendantsOfKind(SyntaxKind.CallExpression).filter((call) => callsOp(modules, module, call));
}

/** The `op(...)` a top-level const is initialized with, however `op` was imported; null for anything else. */
function operatorCall(modules: Modules, module: Module, node: Node): CallExpression | null {
  if (!Node.isVariableDeclaration(node)) return null;
  const call = node.getInitializer();
  return Node.isCallExpression(call) && callsOp(modules, module, call) ? call : null;
}

function callsOp(modules: Modules, module: Module, call: CallExpression): boolean {
  const callee = call.getExpression();
  if (Node.isPropertyAccessExpression(callee)) {
    const namespace = modules.resolveLocal(module, callee.getExpression().getText());
    if (namespace?.kind !== 'namespace') return false;
    const member = modules.resolveExport(namespace.module, callee.getName());
    return member?.kind === 'builtin' && member.name === 'op';
  }
  const resolution = Node.isIdentifier(callee) ? modules.resolveLocal(module, callee.getText()) : null;
  return resolution?.kind === 'builtin' && resolution.name === 'op';
}
