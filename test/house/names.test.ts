/**
 * The compiler knows no operator by name: no name of an operator, a model or a tensor of dsl/ occurs in codegen/ or templates/,
 * as an identifier, a part of one, or in a string. A kernel follows from the form of an expression or it is a fake.
 */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { filesOf, parse, textOf } from './sources.ts';

/**
 * Names that are ordinary words of the language or of the field too, each with what it means where codegen/ or templates/
 * say it. An entry that excuses nothing fails the test.
 */
const ordinaryWords: Readonly<Record<string, string>> = {};

/** `rmsNorm`, `rms_norm` and `RMSNorm` are all `rms norm`. */
function wordsOf(identifier: string): string {
  return identifier
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .join(' ')
    .toLowerCase();
}

/** Operators and their tensors: exports `op({ … inputs, outputs … })`. */
function operatorNames(path: string, text = textOf(path)): string[] {
  return parse(path, text)
    .statements.filter(ts.isVariableStatement)
    .flatMap((statement) => [...statement.declarationList.declarations])
    .flatMap(({ name, initializer }) => {
      if (!initializer || !ts.isCallExpression(initializer) || initializer.expression.getText() !== 'op') return [];
      const spec = initializer.arguments[0];
      return spec && ts.isObjectLiteralExpression(spec) ? [name.getText(), ...tensorNames(spec)] : [];
    });
}

function tensorNames(spec: ts.ObjectLiteralExpression): string[] {
  return spec.properties
    .filter(ts.isPropertyAssignment)
    .filter(({ name }) => ['inputs', 'outputs'].includes(name.getText()))
    .flatMap(({ initializer }) => {
      if (!ts.isArrowFunction(initializer)) return [];
      const body = ts.isParenthesizedExpression(initializer.body) ? initializer.body.expression : initializer.body;
      return ts.isObjectLiteralExpression(body) ? body.properties.map((tensor) => tensor.name?.getText() ?? '') : [];
    });
}

/** Models, and the names of tensors and of config keys that their strings spell: the words that hold an underscore. */
function modelNames(path: string): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      names.push(...node.text.split(/[^A-Za-z0-9_]+/).filter((word) => word.includes('_')));
    if (ts.isImportDeclaration(node)) return;
    ts.forEachChild(node, visit);
  };
  visit(parse(path));
  const fileName = path.slice(path.lastIndexOf('/') + 1, -'.ts'.length);
  const isArchitecture =
    names.length > 0 && /export (const|function) /.test(textOf(path)) && textOf(path).includes(` ${fileName}`);
  return isArchitecture ? [fileName, ...names] : names;
}

/** Identifiers and the text of strings; comments may name what they like. */
function wordsUsed(path: string, text = textOf(path)): { word: string; line: number }[] {
  const used: { word: string; line: number }[] = [];
  if (!path.endsWith('.ts')) {
    const code = text.replace(/\/\*[\s\S]*?\*\/|\{#[\s\S]*?#\}|\/\/.*/g, (comment) => comment.replace(/[^\n]/g, ' '));
    code.split('\n').forEach((line, index) => {
      for (const [word] of line.matchAll(/[A-Za-z_]\w*/g)) used.push({ word, line: index + 1 });
    });
    return used;
  }
  const file = parse(path, text);
  const visit = (node: ts.Node): void => {
    if (
      ts.isIdentifier(node) ||
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node)
    ) {
      const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      for (const [word] of node.text.matchAll(/[A-Za-z_]\w*/g)) used.push({ word, line });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return used;
}

/** `names` of which an identifier or a word of a string is, or holds, the whole. */
function occurrences(names: ReadonlySet<string>, path: string, text = textOf(path)): { name: string; place: string }[] {
  return wordsUsed(path, text).flatMap(({ word, line }) => {
    const parts = wordsOf(word).split(' ');
    const runs = parts.flatMap((_, start) =>
      parts.slice(start).map((_, length) => parts.slice(start, start + length + 1).join(' ')),
    );
    return [...new Set(runs)]
      .filter((run) => names.has(run))
      .map((name) => ({ name, place: `${path}:${line} says ${word}` }));
  });
}

const names = new Set(
  [
    ...filesOf('dsl/ops', ['.ts']).flatMap((path) => operatorNames(path)),
    ...filesOf('dsl/models', ['.ts']).flatMap(modelNames),
  ]
    .filter((name) => name.length >= 3)
    .map(wordsOf),
);
const compiler = [...filesOf('codegen', ['.ts']), ...filesOf('templates', [''])];

describe('names', () => {
  const found = compiler.flatMap((path) => occurrences(names, path));

  it('no operator, model or tensor of dsl/ is named in codegen/ or templates/', () => {
    expect([...names]).toEqual(expect.arrayContaining(['silu mul', 'paged attention', 'qwen3', 'q proj']));
    expect(found.filter(({ name }) => !(name in ordinaryWords)).map(({ name, place }) => `${place} (${name})`)).toEqual(
      [],
    );
  });

  it('every excused word is still a name and still used', () => {
    expect(Object.keys(ordinaryWords).filter((word) => !found.some(({ name }) => name === word))).toEqual([]);
  });

  it('finds a name in any spelling, in part of an identifier and in a string, and not in a comment', () => {
    const known = new Set(['rms norm', 'rope']);
    const of = (path: string, text: string) => occurrences(known, path, text).map(({ place }) => place);
    expect(of('a.ts', 'const rmsNormKernel = 1;')).toEqual(['a.ts:1 says rmsNormKernel']);
    expect(of('a.ts', `\nif (op === 'rms_norm') f();`)).toEqual(['a.ts:2 says rms_norm']);
    expect(of('a.ts', `const t = \`void rope_\${n}\`;`)).toEqual(['a.ts:1 says rope_']);
    expect(of('a.h', 'void RMSNorm(float x); // like rope')).toEqual(['a.h:1 says RMSNorm']);
    expect(of('a.ts', '/** As rope does. */ const property = europe;')).toEqual([]);
    expect(
      operatorNames('a.ts', 'export const twice = op({ inputs: ({ T }) => ({ left: act(T) }), dims: [] });'),
    ).toEqual(['twice', 'left']);
  });
});
