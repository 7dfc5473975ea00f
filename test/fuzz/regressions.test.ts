/** Programs that once failed, as simple as they got. Each says what it caught; `features` are the sizes of its dimensions. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readProgramOperators } from '../../codegen/read/program-operators.ts';
import { compareAll } from './batch.ts';
import { compileProgram, targets } from './compiled.ts';
import type { Sizes } from './programs/scope.ts';

const folder = join(import.meta.dirname, 'regressions');
const files = readdirSync(folder).map((file) => join(folder, file));

describe('programs that once failed', () => {
  test.each(['f32', 'bf16', 'f16'] as const)('agree with the oracle in %s', async (element) => {
    const { ir: operators, diagnostics } = await readProgramOperators(files);
    const about = (file: string) => diagnostics.filter(({ span }) => span.file === file);
    const compiled = await Promise.all(
      files.map(async (file) => {
        const found = [...operators].find(([, ir]) => ir.file === file);
        const { features, attrs = {} }: { features: Sizes; attrs?: Sizes } = await import(file);
        const name = found?.[1].name ?? basename(file);
        const program = { name, choices: [], source: readFileSync(file, 'utf8'), features, attrs, mistake: null };
        return compileProgram(program, found, about(file), element);
      }),
    );
    for (const inputs of [1, 2, 3]) {
      const verdicts = await compareAll(compiled, { element, targets, optimization: 'product' }, inputs);
      expect(verdicts.filter(({ kind }) => kind !== 'agreed')).toEqual([]);
    }
  });
});
