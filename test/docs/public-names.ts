/** What entry points export, and the members of exported classes and types, each with its docstring. */
import ts from 'typescript';

export interface PublicName {
  /** Such as `LLM.load`. */
  readonly path: string;
  readonly declaration: ts.Declaration;
  /** The docstring without its tags. */
  readonly text: string;
  /** Of a property in a type alias: the alias's docstring, and the comment before the member of a union that it belongs to. */
  readonly around: string;
  /** The texts of its `@throws` tags. */
  readonly throws: readonly string[];
}

/** In the order of the entry points; a name that several export comes once. */
export function publicNames(program: ts.Program, entries: readonly string[]): readonly PublicName[] {
  const checker = program.getTypeChecker();
  const isOurs = ({ fileName }: ts.SourceFile) => !fileName.includes('/node_modules/');
  const found = new Map<ts.Declaration, PublicName>();

  const add = (path: string, symbol: ts.Symbol, around = ''): void => {
    const [declaration] = symbol.declarations?.filter((one) => isOurs(one.getSourceFile())) ?? [];
    if (!declaration || found.has(declaration) || !isPublic(declaration)) return;
    const texts = docstringOf(symbol, declaration, checker);
    found.set(declaration, { path, declaration, around: `${around} ${commentBefore(declaration.parent)}`, ...texts });
    const outer = ts.isTypeAliasDeclaration(declaration) ? texts.text : '';
    for (const member of membersOf(symbol, declaration, checker)) add(`${path}.${member.name}`, member, outer);
  };

  for (const entry of entries) {
    const module = checker.getSymbolAtLocation(sourceOf(program, entry));
    for (const exported of module ? checker.getExportsOfModule(module) : [])
      add(exported.name, exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported);
  }
  return [...found.values()];
}

function sourceOf(program: ts.Program, path: string): ts.SourceFile {
  const source = program.getSourceFile(path);
  if (!source) throw new Error(`${path} is not of the program`);
  return source;
}

function isPublic(declaration: ts.Declaration): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  if (ts.getCombinedModifierFlags(declaration) & hidden) return false;
  const name = ts.getNameOfDeclaration(declaration);
  return name === undefined || !ts.isPrivateIdentifier(name);
}

/** Of a class its constructor too; of a type alias the properties of the literals that it is made of. */
function membersOf(symbol: ts.Symbol, declaration: ts.Declaration, checker: ts.TypeChecker): readonly ts.Symbol[] {
  if (ts.isClassDeclaration(declaration)) {
    const statics = checker.getTypeOfSymbol(symbol).getProperties();
    const construct = symbol.members?.get(ts.InternalSymbolName.Constructor);
    return [...(construct ? [construct] : []), ...checker.getDeclaredTypeOfSymbol(symbol).getProperties(), ...statics];
  }
  if (ts.isInterfaceDeclaration(declaration)) return checker.getDeclaredTypeOfSymbol(symbol).getProperties();
  if (!ts.isTypeAliasDeclaration(declaration)) return [];
  const members: ts.Symbol[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeLiteralNode(node))
      members.push(
        ...node.members.flatMap((member) => (member.name ? [checker.getSymbolAtLocation(member.name)!] : [])),
      );
    else ts.forEachChild(node, visit);
  };
  visit(declaration.type);
  return members;
}

/** To TypeScript it belongs to nothing. */
function commentBefore(node: ts.Node): string {
  const union = node.parent;
  if (!union || !ts.isUnionTypeNode(union)) return '';
  const place = union.types.indexOf(node as ts.TypeNode);
  return node.getSourceFile().text.slice(union.types[place - 1]?.end ?? union.pos, node.getStart());
}

function docstringOf(symbol: ts.Symbol, declaration: ts.Declaration, checker: ts.TypeChecker) {
  const signature = ts.isConstructorDeclaration(declaration) ? checker.getSignatureFromDeclaration(declaration) : null;
  const text = (signature ?? symbol).getDocumentationComment(checker);
  const tags = signature ? signature.getJsDocTags() : symbol.getJsDocTags(checker);
  return {
    text: ts.displayPartsToString(text),
    throws: tags.filter(({ name }) => name === 'throws').map((tag) => ts.displayPartsToString(tag.text)),
  };
}
