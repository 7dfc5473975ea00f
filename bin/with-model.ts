/** Loads a model for one command: progress while it is built, an abort signal for Ctrl-C, and the engine closed at the end. */
import type { LLM } from '../index.ts';
import { architecturesOf, given } from './options.ts';
import { progress } from './progress.ts';

interface ModelArguments {
  readonly checkpoint: string;
  readonly model: string | undefined;
  readonly elements: 'bf16' | 'f16' | 'f32' | undefined;
  readonly blockSize: 16 | 32 | 64 | undefined;
  readonly threads: number | undefined;
  readonly checked: boolean | undefined;
  readonly target: 'cpu' | 'cuda' | undefined;
  readonly arch: readonly string[] | undefined;
}

/** 128 + SIGINT, as a shell reports it. */
const interruptedStatus = 130;

export async function withModel(
  { checkpoint, model, elements, blockSize, threads, checked, target, arch }: ModelArguments,
  use: (llm: LLM, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  // Loaded here and not above, so that `--help` need not wait for the runtime.
  const { LLM } = await import('../index.ts');
  const status = progress();
  const llm = await LLM.load(checkpoint, {
    ...given({ model, elements, blockSize, threads, checked, target, architectures: architecturesOf(arch) }),
    onProgress: status.say,
  }).finally(status.clear);
  const interrupt = new AbortController();
  process.once('SIGINT', () => {
    process.exitCode = interruptedStatus;
    interrupt.abort();
  });
  try {
    await use(llm, interrupt.signal);
  } finally {
    await llm.close();
  }
}
