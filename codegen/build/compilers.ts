/** The compilers that a library needs: g++ always, nvcc for GPUs that are not simulated. */
import { isSimulated } from '../render/cuda/architectures.ts';
import { findNvcc, type Nvcc } from './nvcc.ts';
import { findToolchain, type Toolchain } from './toolchain.ts';

/** A compiler that is missing is an answer with its mend, not an exception. */
export type CompilersResult =
  | { readonly ok: true; readonly toolchain: Toolchain; readonly nvcc: Nvcc | null }
  | { readonly ok: false; readonly message: string; readonly mend: string };

export async function findCompilers(
  target: 'cpu' | 'cuda',
  architectures: readonly string[],
): Promise<CompilersResult> {
  const simulated = isSimulated(architectures);
  const needsNvcc = target === 'cuda' && !simulated;
  const [found, foundNvcc] = await Promise.all([
    findToolchain(simulated ? 'simulated' : target),
    needsNvcc ? findNvcc() : null,
  ]);
  if (!found.ok) return found;
  if (foundNvcc?.ok === false) return foundNvcc;
  return { ok: true, toolchain: found.toolchain, nvcc: foundNvcc?.nvcc ?? null };
}
