/** What the operator library's kernels take of a GPU, at the reference shapes: no registers spilled, no local memory. */
import { expect } from 'vitest';
import { build } from '../../../codegen/build/build.ts';
import { builtKernels, formatBuiltKernels, localMemory } from '../../../codegen/build/built-kernels.ts';
import { explain } from '../../../codegen/explain.ts';
import { compileReferenceLibrary } from '../../../codegen/reference-library.ts';
import { itWithNvcc } from '../../support/nvcc.ts';

itWithNvcc('no kernel of the operator library spills registers or has a stack frame', async () => {
  const { library } = await compileReferenceLibrary('cuda');
  const built = await build(library);
  if (!built.ok) throw new Error(built.message);
  const kernels = builtKernels(built.directory);
  console.log(formatBuiltKernels(kernels));
  const launched = library.manifest.programs.flatMap((program) => program.kernels.map(({ name }) => name));
  const { architectures } = library.manifest;
  expect(architectures).toEqual(['sm_80', 'sm_90a']);
  for (const architecture of architectures)
    expect(kernels.filter((kernel) => kernel.architecture === architecture).map(({ name }) => name)).toEqual(
      [...new Set(launched)].sort(),
    );
  const local = kernels.filter((kernel) => localMemory(kernel) !== '');
  expect(local.map((kernel) => `${kernel.name} for ${kernel.architecture}: ${localMemory(kernel)}`)).toEqual([]);
  expect(kernels.filter(({ occupancy }) => !occupancy || occupancy.blocks === 0).map(({ name }) => name)).toEqual([]);
  expect(await explain(built.directory)).toBe(formatBuiltKernels(kernels));
});
