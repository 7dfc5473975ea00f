/** Programs that once failed, as simple as they got. Each says what it caught; `features` are the sizes of its dimensions. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readProgramOperators } from '../../codegen/read/program-operators.ts';
import { compareAll } from './batch.ts';
import { targets } from './built.ts';
import { compileProgram } from './compiled.ts';
import type { Sizes } from './programs/scope.ts';

const folder = join(import.meta.dirname, 'regressions');
const files = readdirSync(folder).map((file) => join(folder, file));

interface Settings {
  readonly features: Sizes;
  readonly attrs?: Sizes;
  /** Intermediates that are asked for. */
  readonly kept?: readonly string[];
  readonly mostRows?: number;
}

describe('programs that once failed', () => {
  test.each(['f32', 'bf16', 'f16'] as const)('agree with the oracle in %s', async (element) => {
    const { ir, diagnostics } = await readProgramOperators(files);
    const compiled = await Promise.all(
      files.map(async (file) => {
        const own = [...ir].filter(([, operator]) => operator.file === file);
        const names = own.sort(([, a], [, b]) => a.span.line - b.span.line).map(([, { name }]) => name);
        const [name = basename(file)] = names;
        const { features, attrs = {}, kept = [], mostRows = 4 }: Settings = await import(file);
        const program = {
          name,
          choices: [],
          source: readFileSync(file, 'utf8'),
          operators: names.length > 0 ? names : [name],
          kept,
          features,
          attrs,
          mostRows,
          mistake: null,
          isTakenApart: names.length > 1,
          twins: [],
        };
        const operators = new Map(own.map((found) => [found[1].name, found]));
        const about = new Map([[name, diagnostics.filter(({ span }) => span.file === file)]]);
        return compileProgram(program, { operators, about }, element);
      }),
    );
    for (const inputs of [1, 2, 3]) {
      const verdicts = await compareAll(compiled, { element, targets, optimization: 'product', blockSize: 16 }, inputs);
      expect(verdicts.filter(({ kind }) => kind !== 'agreed')).toEqual([]);
    }
  });
});
