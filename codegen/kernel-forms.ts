/** Which functions of a built library are which kernel: a kernel may have several forms, of which the number of rows picks one. */
import type { Kernel } from './ir/kernel.ts';
import type { ManifestKernel } from './manifest.ts';

/** For each kernel its forms, a run of `launches`: both are in the order in which they run. */
export function kernelForms(
  kernels: readonly Kernel[],
  launches: readonly ManifestKernel[],
): readonly (readonly ManifestKernel[])[] {
  let next = 0;
  return kernels.map((kernel) => {
    const begin = next;
    const isOwn = (launch: ManifestKernel | undefined): boolean =>
      launch !== undefined && launch.label === kernel.label && launch.anchors.join() === kernel.anchors.join();
    while (isOwn(launches[next])) next++;
    return launches.slice(begin, next);
  });
}
