/** Renders a kernel for CUDA: one function or several, to be launched in this order. */
import { assertNever } from '../../ir/assert-never.ts';
import type { Kernel } from '../../ir/kernel.ts';
import type { Program } from '../../ir/program.ts';
import { renderTemplate } from '../template.ts';
import { renderCudaAttend } from './attend.ts';
import { renderCudaContract } from './contract.ts';
import type { CudaKernel, CudaOptions } from './cuda-kernel.ts';
import { renderCudaNest } from './nest.ts';

export type { CudaKernel } from './cuda-kernel.ts';

/** Names begin with `kernel.name`, which is that of the first or followed by `_` and what tells them apart. */
export function renderCudaKernel(kernel: Kernel, program: Program, options: CudaOptions): readonly CudaKernel[] {
  switch (kernel.kind) {
    case 'nest':
      return [renderCudaNest(kernel, program, options.checked)];
    case 'contract':
      return renderCudaContract(kernel, program, options.checked);
    case 'attend':
      return renderCudaAttend(kernel, program, options.checked);
    default:
      return assertNever(kernel);
  }
}

/** A source file of kernels by their texts; it includes `lib/kernel.cuh`. */
export function renderCudaSource(texts: readonly string[], blockSize: number): string {
  return renderTemplate('cuda/kernels.cu.njk', { kernels: texts.map((text) => text.trimEnd()), blockSize });
}
