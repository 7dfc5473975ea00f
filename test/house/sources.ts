/** The repository's own files as the tests of the house's rules see them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Paths of all files below `folder` with one of the endings, relative to the root, with `/`, sorted. */
export function filesOf(folder: string, endings: readonly string[]): string[] {
  const found: string[] = [];
  const walk = (directory: string) => {
    for (const entry of readdirSync(directory).sort()) {
      const path = join(directory, entry);
      if (statSync(path).isDirectory()) walk(path);
      else if (endings.some((ending) => entry.endsWith(ending))) found.push(relative(root, path).split(sep).join('/'));
    }
  };
  walk(join(root, folder));
  return found;
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function parse(path: string, text = textOf(path)): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
}

export interface ModuleUse {
  /** A path relative to the root for files of ours, the bare specifier for packages. */
  readonly target: string;
  /** Nothing is left of it at run time. */
  readonly typeOnly: boolean;
  /** `import()`: loaded when the line is reached, not with the module. */
  readonly dynamic: boolean;
}

/** Every import, re-export and `import()` of a file. The package's own name counts as the file behind it. */
export function importsOf(path: string, text = textOf(path)): ModuleUse[] {
  const uses: ModuleUse[] = [];
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean, dynamic: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier))
      uses.push({ target: targetOf(path, specifier.text), typeOnly, dynamic });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause), false);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true, false);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false, true);
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return uses;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return !clause.name && !!named && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly);
}

const ownNames: Readonly<Record<string, string>> = {
  warpsmith: 'index.ts',
  'warpsmith/dsl': 'dsl/index.ts',
  'warpsmith/codegen': 'codegen/index.ts',
};

function targetOf(from: string, specifier: string): string {
  if (specifier.startsWith('.'))
    return relative(root, resolve(root, dirname(from), specifier))
      .split(sep)
      .join('/');
  return ownNames[specifier] ?? specifier;
}
