/**
 * The first pass: TypeScript source to operators. Entry modules are followed through their imports; every exported
 * `op({...})` that is reached becomes an OperatorIr. Only source text is read: nothing is imported or run.
 */
import { type CallExpression, Node } from 'ts-morph';
import type { Diagnostic, PassResult } from '../ir/diagnostic.ts';
import type { OperatorIr } from '../ir/operator.ts';
import { type Module, Modules } from './modules.ts';
import { readOperator } from './operator.ts';
import { Reader } from './reader.ts';

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
  for (const [local, node] of module.names.locals) {
    const call = operatorCall(modules, module, node);
    if (call === null) continue;
    const name = exported.get(node);
    if (name === undefined) {
      reader.report(node, 'operator-not-exported', local);
      continue;
    }
    const result = readOperator(modules, module, name, call);
    if (result.ir !== null) operators.push(result.ir);
    diagnostics.push(...result.diagnostics);
  }
  return { ir: operators, diagnostics: [...reader.diagnostics, ...diagnostics] };
}

/** The `op(...)` a top-level const is initialized with, however `op` was imported; null for anything else. */
function operatorCall(modules: Modules, module: Module, node: Node): CallExpression | null {
  if (!Node.isVariableDeclaration(node)) return null;
  const call = node.getInitializer();
  if (!Node.isCallExpression(call)) return null;
  const callee = call.getExpression();
  if (Node.isPropertyAccessExpression(callee)) {
    const namespace = modules.resolveLocal(module, callee.getExpression().getText());
    if (namespace?.kind !== 'namespace') return null;
    const member = modules.resolveExport(namespace.module, callee.getName());
    return member?.kind === 'builtin' && member.name === 'op' ? call : null;
  }
  const resolution = Node.isIdentifier(callee) ? modules.resolveLocal(module, callee.getText()) : null;
  return resolution?.kind === 'builtin' && resolution.name === 'op' ? call : null;
}
