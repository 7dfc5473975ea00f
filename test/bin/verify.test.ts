/** `warpsmith verify --from`: a built library, Node and the package, on a machine that has no compiler. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCases } from '../../verify/build-cases.ts';
import { verifiedCases } from '../../verify/operators.ts';
import { root } from '../house/sources.ts';

describe('verify --from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'warpsmith-verify-'));
  beforeAll(async () => {
    cpSync(await buildCases(verifiedCases.get('siluMul') ?? [], 'f32', {}), join(folder, 'f32/operators'), {
      recursive: true,
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const verify = (...args: readonly string[]) =>
    execa(process.execPath, ['bin/warpsmith.mjs', 'verify', '--from', folder, ...args], {
      cwd: root,
      reject: false,
      env: { CXX: '/none', NVCC: '/none', NO_COLOR: '1', WARPSMITH_CACHE: join(folder, 'cache') },
    });

  it('prints a table, and JSON for programs; status 0 where all holds', async () => {
    const table = await verify('--operator', 'siluMul');
    expect(table.stdout).toMatch(/siluMul +│ f32 .* holds/);
    const json = await verify('--operator', 'siluMul', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      operators: [{ operator: 'siluMul', element: 'f32', failures: [] }],
      models: [],
    });
    expect([table.exitCode, json.exitCode]).toEqual([0, 0]);
  });

  it('has status 1 and says why where something does not', async () => {
    const { exitCode, stdout } = await verify('--operator', 'siluMul', '--operator', 'rmsNorm');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/siluMul .* holds/);
    expect(stdout).toMatch(/rmsNorm .* fails/);
    expect(stdout).toMatch(/failed rmsNorm_H\d+: the library has no program/);
  });
});
