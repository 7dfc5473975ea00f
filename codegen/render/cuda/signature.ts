/** The parameters of CUDA kernels and of the functions that make up their tiles. */
import { cType, type KernelScope } from '../kernel-scope.ts';

export interface CudaSignature {
  /** Of the `__global__` function: the batch by value, as a launch copies it. */
  readonly parameters: string;
  /** Of the functions of its tile, behind what tells a tile its place. */
  readonly tileParameters: string;
  /** What the kernel hands to its tile. */
  readonly arguments: string;
}

/** To be called when the body is printed: only then the scope knows what the body uses. */
export function cudaSignature(scope: KernelScope, hasWorkspace: boolean): CudaSignature {
  const counts = scope.counts.map((count) => scope.count(count));
  const pointers = scope.parameters.map(
    ({ name, storage, written }) => `${written ? '' : 'const '}${cType(storage)}* __restrict__ ${name}`,
  );
  const shared = [
    ...counts.map((count) => `const int ${count}`),
    ...pointers,
    ...(hasWorkspace ? ['void* __restrict__ workspace'] : []),
  ];
  const names = [
    'batch',
    ...counts,
    ...scope.parameters.map((parameter) => parameter.name),
    ...(hasWorkspace ? ['workspace'] : []),
  ];
  return {
    parameters: ['const Batch batch', ...shared].join(', '),
    tileParameters: ['const Batch& batch', ...shared].join(', '),
    arguments: names.join(', '),
  };
}

/** Names of the templates that no value, index or local may take. */
export function reserveNames(scope: KernelScope, names: readonly string[]): void {
  for (const name of ['block', 'warp', 'group', 'shared', 'unit', 'workspace', ...names]) scope.names.reserve(name);
}
