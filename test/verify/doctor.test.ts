/** What `warpsmith doctor` tells. */
import { describe, expect, it } from 'vitest';
import { examine } from '../../verify/doctor.ts';

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
});
