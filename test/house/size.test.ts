/** Sizes that are promises: an operator is a few lines, a whole architecture a page or two, and a file has one subject. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { filesOf, parse, textOf } from './sources.ts';

/** Exported operators of a file with their lines, docstring included. */
function operatorsOf(path: string, text = textOf(path)): { name: string; lines: number }[] {
  const file = parse(path, text);
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line;
  return file.statements.filter(ts.isVariableStatement).flatMap((statement) =>
    statement.declarationList.declarations
      .filter(
        ({ initializer }) =>
          initializer && ts.isCallExpression(initializer) && initializer.expression.getText() === 'op',
      )
      .map((declaration) => ({
        name: declaration.name.getText(),
        lines: lineOf(statement.end) - lineOf(statement.getStart(file, true)) + 1,
      })),
  );
}

describe('sizes', () => {
  it('no operator has over 60 lines', () => {
    const operators = filesOf('dsl/ops', ['.ts']).flatMap((path) => operatorsOf(path));
    expect(operators.length).toBeGreaterThan(10);
    expect(operators.filter(({ lines }) => lines > 60)).toEqual([]);
  });

  it('counts from the docstring to the last parenthesis', () => {
    const text = `import { op } from 'x';\n\n/** Doc.\n * More. */\nexport const twice = op({\n  dims: [],\n});\n`;
    expect(operatorsOf('twice.ts', text)).toEqual([{ name: 'twice', lines: 5 }]);
  });

  it('no file has over 350 lines, and few over 300', () => {
    const files = ['bench', 'bin', 'codegen', 'dsl', 'runtime', 'templates', 'test', 'verify'].flatMap((folder) =>
      filesOf(folder, ['.ts', '.mjs', '.cpp', '.h', '.cuh', '.njk']),
    );
    const sizes = files.map((path) => ({ path, lines: textOf(path).split('\n').length - 1 }));
    expect(sizes.length).toBeGreaterThan(300);
    expect(sizes.filter(({ lines }) => lines > 350)).toEqual([]);
    expect(sizes.filter(({ lines }) => lines > 300).length).toBeLessThan(8);
  });

  it('dsl/models/qwen3.ts has under 150 lines', () => {
    expect(textOf('dsl/models/qwen3.ts').split('\n').length).toBeLessThan(150);
  });
});
