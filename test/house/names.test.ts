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
const ordinaryWords: Readonly<Record<string, string>> = {
  add: 'to put into a set or a sum; as the whole of a string it is refused all the same',
  ids: 'of variables',
  position: 'of a token in its sequence: the language’s pos(t); an argument of gumbel(seed, position, id)',
  repetition: 'what a loop would have been written for',
  rows: 'of a matrix; the lowering class of row reductions',
  seed: 'an argument of gumbel(seed, position, id)',
  sine: 'half of the intrinsics sin and cos',
  table: 'of names, of blocks',
  targets: 'of compilation: the CPU',
  token: 'the ragged axis of the language',
  total: 'a running sum',
  weight: 'the element type; the share of a row in a softmax',
};

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

interface OperatorNames {
  readonly operator: string;
  readonly tensors: readonly string[];
}

/** Operators and their tensors: exports `op({ … inputs, outputs … })`. */
function operatorNames(path: string, text = textOf(path)): OperatorNames[] {
  return parse(path, text)
    .statements.filter(ts.isVariableStatement)
    .flatMap((statement) => [...statement.declarationList.declarations])
    .flatMap(({ name, initializer }) => {
      if (!initializer || !ts.isCallExpression(initializer) || initializer.expression.getText() !== 'op') return [];
      const spec = initializer.arguments[0];
      const tensors = spec && ts.isObjectLiteralExpression(spec) ? tensorNames(spec) : [];
      return [{ operator: name.getText(), tensors }];
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

/**
 * What a file of models spells: architectures (`Qwen3ForCausalLM`, and `Qwen3` alone) and tensors of the checkpoint (the
 * words that hold an underscore; so do config keys, which are left out: a size of a model is no secret).
 */
function modelNames(path: string, text = textOf(path)): string[] {
  const words = wordsUsed(path, text).map(({ word }) => word);
  const architectures = words.filter((word) => word.endsWith('ForCausalLM'));
  return [
    ...architectures,
    ...architectures.map((word) => word.slice(0, -'ForCausalLM'.length)),
    ...words.filter((word) => word.includes('_')),
  ];
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

/** String literals, whole. */
function stringsOf(path: string, text = textOf(path)): string[] {
  const strings: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) strings.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return strings;
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

const library = filesOf('dsl/ops', ['.ts']).flatMap((path) => operatorNames(path));
const operators = new Set(library.map(({ operator }) => wordsOf(operator)));
const configKeys = new Set(
  filesOf('dsl/models', ['config.ts', 'config-reader.ts']).flatMap((path) => modelNames(path)),
);
const models = filesOf('dsl/models', ['.ts'])
  .flatMap((path) => modelNames(path))
  .filter((name) => !configKeys.has(name));
const names = new Set(
  [...library.flatMap(({ operator, tensors }) => [operator, ...tensors]), ...models]
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

  it('no string is the name of an operator, be it an ordinary word', () => {
    const quoted = filesOf('codegen', ['.ts']).flatMap((path) => stringsOf(path).map((text) => ({ path, text })));
    expect(quoted.filter(({ text }) => operators.has(wordsOf(text)))).toEqual([]);
    expect(stringsOf('a.ts', `if (name === 'add') f();`)).toEqual(['add']);
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
    const twice = 'export const twice = op({ inputs: ({ T }) => ({ left: act(T) }), dims: [] });';
    expect(operatorNames('a.ts', twice)).toEqual([{ operator: 'twice', tensors: ['left'] }]);
  });
});
