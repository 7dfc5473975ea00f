/** What `warpsmith doctor` tells. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { examine, type Finding } from '../../verify/doctor.ts';
import { stubDriver } from '../support/stub-driver.ts';

describe('doctor', async () => {
  const findings = await examine();

  it('looks for all that a user may need', () => {
    expect(findings.map(({ name }) => name)).toEqual([
      'Node',
      'C++ compiler',
      'nvcc',
      'NVIDIA driver',
      'GPU',
      'NCCL',
      'MPI',
    ]);
    expect(findings.find(({ name }) => name === 'Node')?.found).toContain(process.version);
  });

  it('tells for everything what it is for, and of what is missing how to get it', () => {
    for (const { name, purpose, found, mend } of findings) {
      expect(purpose, name).not.toBe('');
      if (found === null) expect(mend, name).toMatch(/[Ii]nstall|built here/);
    }
  });

  it('tells where things are, and of a GPU its memory and architecture', async () => {
    const driver = await stubDriver();
    const warpsmith = fileURLToPath(new URL('../../bin/warpsmith.mjs', import.meta.url));
    const { stdout } = await execa(process.execPath, [warpsmith, 'doctor', '--json'], { env: driver.environment });
    driver.remove();
    const told: readonly Finding[] = JSON.parse(stdout);
    const of = (name: string) => told.find((finding) => finding.name === name)?.found;
    expect(of('NVIDIA driver')).toBe(`CUDA 13.0 at ${driver.path}`);
    expect(of('GPU')).toBe('Stub GPU, 80 GiB, sm_90');
    expect(of('C++ compiler')).toMatch(/ at \//);
  });
});
