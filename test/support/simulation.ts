/** The CUDA C of a library on a simulated GPU: what no GPU is needed for, a test does on every machine. */
import { SIMULATED_ARCHITECTURE } from '../../codegen/render/cuda/architectures.ts';

export const simulated = { target: 'cuda', architectures: [SIMULATED_ARCHITECTURE] } as const;
