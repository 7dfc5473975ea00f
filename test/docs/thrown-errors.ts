/** Which errors of a user's making a function can end in, by its body and by those of ours that it calls. */
import ts from 'typescript';

/** Their classes carry a mend, or tell an index out of range; whatever else is thrown is a bug. */
const userErrors = new Set([
  'WarpsmithError',
  'TransientError',
  'LanguageError',
  'CompileError',
  'DiagnosticError',
  'RangeError',
]);

export interface Thrown {
  readonly error: boolean;
  /** Codes that the function's own file names on the way. */
  readonly codes: ReadonlySet<string>;
}

/** `codes`: all that there are. Calls through an interface are not followed. */
export function thrownErrors(program: ts.Program, codes: ReadonlySet<string>) {
  const checker = program.getTypeChecker();
  const isGivenAsCode = (literal: ts.StringLiteral): boolean => {
    const { parent } = literal;
    if (ts.isBinaryExpression(parent)) return false;
    if (ts.isNewExpression(parent) && nameOf(parent.expression) === 'CompileError')
      return parent.arguments?.[0] === literal;
    const wanted = checker.getContextualType(literal);
    const choices = wanted?.isUnion() ? wanted.types : wanted ? [wanted] : [];
    return choices.length > 0 && choices.every((type) => type.isStringLiteral() && codes.has(type.value));
  };
  const known = new Map<ts.Node, { error: boolean; codes: Set<string> }>();

  const follow = (body: ts.Node): { error: boolean; codes: Set<string> } => {
    const before = known.get(body);
    if (before) return before;
    const thrown = { error: false, codes: new Set<string>() };
    known.set(body, thrown);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
        const name = nameOf(node.expression);
        const called = bodyCalled(node, checker);
        const inner = userErrors.has(name) ? { error: true, codes: new Set<string>() } : called && follow(called);
        if (inner?.error) thrown.error = true;
        if (called?.getSourceFile() === body.getSourceFile())
          for (const code of inner?.codes ?? []) thrown.codes.add(code);
      } else if (ts.isStringLiteral(node) && codes.has(node.text) && isGivenAsCode(node)) thrown.codes.add(node.text);
      ts.forEachChild(node, visit);
    };
    visit(body);
    return thrown;
  };

  return (declaration: ts.Declaration): Thrown => {
    const body = ts.isClassDeclaration(declaration) ? undefined : bodyOf(declaration);
    return body ? follow(body) : { error: false, codes: new Set() };
  };
}

/** Every code: the members of the unions named `…ErrorCode`, and what `LanguageError` and `CompileError` are given. */
export function errorCodes(program: ts.Program): ReadonlySet<string> {
  const codes = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isTypeAliasDeclaration(node) && node.name.text.endsWith('ErrorCode')) {
      for (const member of ts.isUnionTypeNode(node.type) ? node.type.types : [])
        if (ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal)) codes.add(member.literal.text);
    } else if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const [first] = node.arguments ?? [];
      if (nameOf(node.expression) === 'CompileError' && first && ts.isStringLiteral(first)) codes.add(first.text);
    }
    ts.forEachChild(node, visit);
  };
  for (const source of program.getSourceFiles()) if (!source.isDeclarationFile) visit(source);
  return codes;
}

const nameOf = (expression: ts.Expression) => (ts.isIdentifier(expression) ? expression.text : '');

function bodyCalled(call: ts.CallExpression | ts.NewExpression, checker: ts.TypeChecker): ts.Node | undefined {
  const symbol = checker.getSymbolAtLocation(call.expression);
  if (!symbol) return undefined;
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const found = target.declarations?.map(bodyOf).find((body) => body !== undefined);
  return found?.getSourceFile().isDeclarationFile ? undefined : found;
}

function bodyOf(declaration: ts.Declaration): ts.Node | undefined {
  if (ts.isFunctionLike(declaration)) return 'body' in declaration ? declaration.body : undefined;
  if (ts.isClassDeclaration(declaration)) return declaration.members.find(ts.isConstructorDeclaration)?.body;
  if (!ts.isVariableDeclaration(declaration)) return undefined;
  const { initializer } = declaration;
  return initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))
    ? initializer.body
    : undefined;
}
