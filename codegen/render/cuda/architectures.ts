/** The architecture that is no GPU's: threads are fibers of this machine's CPU, and what they access is checked. */
export const SIMULATED_ARCHITECTURE = 'simt';

/** Throws for a library that asks for GPUs as well: one host program drives either. */
export function isSimulated(architectures: readonly string[]): boolean {
  if (!architectures.includes(SIMULATED_ARCHITECTURE)) return false;
  if (architectures.length > 1) throw new Error(`${SIMULATED_ARCHITECTURE} is the only architecture of its library`);
  return true;
}
