/** The API reference can be made, and every public name has a docstring: typedoc's own checks, by typedoc.json. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, it } from 'vitest';
import { root } from '../house/sources.ts';
import { userFolder } from '../support/user-folder.ts';

const folder = userFolder([]);
afterAll(folder.remove);

const typedoc = (...args: readonly string[]) =>
  execa('typedoc', ['--emit', 'none', ...args], { cwd: root, preferLocal: true, reject: false, all: true });

it('typedoc finds nothing to complain of', async () => {
  const { all, exitCode } = await typedoc();
  expect(all).toBe('');
  expect(exitCode).toBe(0);
});

it('and would, of a public name without a docstring', async () => {
  writeFileSync(
    folder.file('bare.ts'),
    '/** Has one. */\nexport const documented = 1;\nexport const bare = () => 2;\n',
  );
  writeFileSync(
    join(folder.path, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { lib: ['es2023'], types: [] }, files: ['bare.ts'] }),
  );
  const { all, exitCode } = await typedoc(
    '--tsconfig',
    folder.file('tsconfig.json'),
    '--entryPoints',
    folder.file('bare.ts'),
  );
  expect(all).toMatch(/bare \(CallSignature\).* does not have any documentation/);
  expect(all).not.toMatch(/documented \(/);
  expect(exitCode).not.toBe(0);
});
