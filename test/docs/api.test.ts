/** The API reference can be made, by typedoc.json, and the docstrings that it is made of say what `docstring-rules.ts` asks for. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Application, Logger, LogLevel } from 'typedoc';
import type ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { root, textOf } from '../house/sources.ts';
import { userFolder } from '../support/user-folder.ts';
import { complaints, type DeclaredTensors, declaredTensors } from './docstring-rules.ts';

const folder = userFolder([]);
afterAll(folder.remove);

class Warnings extends Logger {
  readonly texts: string[] = [];

  override log(message: string, level: LogLevel): void {
    if (level >= LogLevel.Warn) this.texts.push(message);
  }
}

interface Reference {
  readonly warnings: readonly string[];
  readonly complaints: readonly string[];
}

/** What typedoc warns of, and what the rules complain of, of one program: reading it takes the most time. */
async function reference(tensors: DeclaredTensors, options = join(root, 'typedoc.json')): Promise<Reference> {
  const app = await Application.bootstrap({ options });
  const warnings = new Warnings();
  app.logger = warnings;
  const entries = app.getEntryPoints() ?? [];
  const project = await app.convert();
  if (project) app.validate(project);
  const program: ts.Program | undefined = entries[0]?.program;
  if (!program || !project) throw new Error(`typedoc finds nothing to document: ${warnings.texts.join('\n')}`);
  const files = entries.map(({ sourceFile }) => sourceFile.fileName);
  return { warnings: warnings.texts, complaints: complaints(program, files, tensors) };
}

describe('the API reference', () => {
  it('has every public name, with its shapes, units, errors and source', async () => {
    const tensors = declaredTensors(textOf('generated/operators.txt'));
    expect(tensors.get('siluMul')).toEqual([
      { name: 'x', text: 'x: act[T, 2 * H]', isOutput: false },
      { name: 'y', text: 'y: act[T, H]', isOutput: true },
    ]);
    expect(await reference(tensors)).toEqual({ warnings: [], complaints: [] });
  });
});

const planted = {
  'entry.ts': `
    declare function op<Spec>(spec: Spec): Spec;
    type LanguageErrorCode = 'shape' | 'where';
    class LanguageError { constructor(readonly code: LanguageErrorCode) {} }
    const refusal = (code: LanguageErrorCode) => new LanguageError(code);

    /** Tokens a step, in [1, 8]. */
    export const documented = 1;
    export const bare = () => 2;

    /** How it is made. */
    export interface Options {
      /** Tokens a step. */
      readonly steps: number;
      /** How large it is. */
      readonly size?: number;
      readonly name: string;
      readonly kind: 'options';
    }

    /** Fails, and does not say so. */
    export function fails(x: number): number {
      if (x < 0) throw refusal('shape');
      return x;
    }
    /**
     * Fails, and says of another error.
     *
     * @throws LanguageError \`where\`, \`no-such-code\`.
     */
    export const failsOtherwise = (x: number): number => fails(x);
    /**
     * Fails.
     *
     * @throws LanguageError \`shape\`.
     */
    export const failsAsSaid = (x: number): number => fails(x);
    /**
     * Fails likewise.
     *
     * @throws LanguageError as \`failsAsSaid\` does.
     */
    export const failsLikewise = (x: number): number => fails(x);
    /** Later. */
    export async function later(): Promise<void> {}

    /** Doubles it. */
    export const vague = op({});
    /** Doubling (Euclid, 1900): y[t] = 2 * x[t]; x: act[T] -> y: act[T]. */
    export const doubled = op({});

    export * from './dsl/lang/activations.ts';
  `,
  'dsl/lang/activations.ts': `
    /** The cube. */
    export const cube = (x: number): number => x * x * x;
    /** half(x) = x / 2. */
    export const half = (x: number): number => x / 2;
  `,
  'typedoc.json': JSON.stringify({
    extends: [join(root, 'typedoc.json')],
    tsconfig: 'tsconfig.json',
    entryPoints: ['entry.ts'],
    intentionallyNotDocumented: [],
  }),
  'tsconfig.json': JSON.stringify({
    compilerOptions: { noLib: true, types: [], allowImportingTsExtensions: true, noEmit: true, module: 'nodenext' },
    files: ['entry.ts'],
  }),
};

it('a docstring that lacks something is told', async () => {
  for (const [path, text] of Object.entries(planted)) {
    mkdirSync(dirname(folder.file(path)), { recursive: true });
    writeFileSync(folder.file(path), text);
  }
  const tensors = [
    { name: 'x', text: 'x: act[T]', isOutput: false },
    { name: 'y', text: 'y: act[T]', isOutput: true },
  ];
  const { warnings, complaints } = await reference(
    new Map([
      ['vague', tensors],
      ['doubled', tensors],
    ]),
    folder.file('typedoc.json'),
  );
  expect(warnings).toEqual([expect.stringMatching(/bare.* does not have any documentation/)]);
  // Function declarations come first, as TypeScript binds them.
  expect(complaints).toEqual([
    'fails: does not say with @throws how it fails',
    'later: is asynchronous and does not say with @throws how it fails',
    'bare: has no docstring',
    'Options.size: is a number without unit or range',
    'Options.name: has no docstring',
    'failsOtherwise: names the code no-such-code, which there is not',
    'failsOtherwise: does not name the code shape',
    'vague: does not say x: act[T]',
    'vague: does not say y: act[T]',
    'vague: does not give the formula y[…] = …',
    'vague: names no source (Author, year)',
    'cube: does not give the formula cube(x) = …',
  ]);
});
