/** What a module declares, imports and exports, by name: one walk over its top-level statements. */
import { Node, type SourceFile, type VariableDeclaration } from 'ts-morph';

export interface ModuleNames {
  /** Top-level declarations: variables (the declaration, not the statement), functions, classes and enums. */
  readonly locals: ReadonlyMap<string, Node>;
  /** Local name to what it imports; name null is the whole namespace. Type-only imports are left out. */
  readonly imports: ReadonlyMap<string, { readonly specifier: string; readonly name: string | null }>;
  /** Exported name to a local name (specifier null) or to a name of another module. */
  readonly exports: ReadonlyMap<string, ExportedName>;
  readonly stars: readonly string[];
  /** Modules imported for their effect alone. */
  readonly sideEffects: readonly string[];
  /** Declarations of variables whose names are another's already. */
  readonly again: readonly VariableDeclaration[];
}

export type ExportedName =
  | { readonly specifier: null; readonly name: string }
  | { readonly specifier: string; readonly name: string | null };

export function indexModule(source: SourceFile): ModuleNames {
  const locals = new Map<string, Node>();
  const imports = new Map<string, { specifier: string; name: string | null }>();
  const exports = new Map<string, ExportedName>();
  const stars: string[] = [];
  const sideEffects: string[] = [];
  const again: VariableDeclaration[] = [];

  for (const statement of source.getStatements()) {
    if (Node.isVariableStatement(statement)) {
      for (const declaration of statement.getDeclarations()) {
        if (locals.has(declaration.getName()) || imports.has(declaration.getName())) again.push(declaration);
        locals.set(declaration.getName(), declaration);
        if (statement.hasExportKeyword())
          exports.set(declaration.getName(), { specifier: null, name: declaration.getName() });
      }
    } else if (
      Node.isFunctionDeclaration(statement) ||
      Node.isClassDeclaration(statement) ||
      Node.isEnumDeclaration(statement)
    ) {
      const name = statement.getName();
      if (name === undefined) continue;
      locals.set(name, statement);
      if (statement.hasExportKeyword()) exports.set(name, { specifier: null, name });
    } else if (Node.isImportDeclaration(statement)) {
      if (statement.isTypeOnly()) continue;
      const specifier = statement.getModuleSpecifierValue();
      const standard = statement.getDefaultImport();
      const namespace = statement.getNamespaceImport();
      const named = statement.getNamedImports();
      if (standard) imports.set(standard.getText(), { specifier, name: 'default' });
      if (namespace) imports.set(namespace.getText(), { specifier, name: null });
      for (const item of named) {
        if (!item.isTypeOnly())
          imports.set(item.getAliasNode()?.getText() ?? item.getName(), { specifier, name: item.getName() });
      }
      if (!standard && !namespace && named.length === 0) sideEffects.push(specifier);
    } else if (Node.isExportDeclaration(statement)) {
      if (statement.isTypeOnly()) continue;
      const specifier = statement.getModuleSpecifierValue();
      const namespace = statement.getNamespaceExport();
      if (namespace && specifier !== undefined) exports.set(namespace.getName(), { specifier, name: null });
      else if (specifier !== undefined && statement.isNamespaceExport()) stars.push(specifier);
      for (const item of statement.getNamedExports()) {
        if (item.isTypeOnly()) continue;
        const exported = item.getAliasNode()?.getText() ?? item.getName();
        exports.set(exported, { specifier: specifier ?? null, name: item.getName() });
      }
    }
  }
  return { locals, imports, exports, stars, sideEffects, again };
}
