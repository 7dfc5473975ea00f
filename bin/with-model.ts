/** Loads a model for one command: progress while it is fetched and built, an abort signal for Ctrl-C, and the engine closed at the end. */
import type { LLM } from '../index.ts';
import { downloadProgress } from './download-progress.ts';
import { interruptible } from './interrupt.ts';
import { architecturesOf, given } from './options.ts';
import { progress } from './progress.ts';

interface ModelArguments {
  readonly checkpoint: string;
  readonly revision: string | undefined;
  readonly model: string | undefined;
  readonly elements: 'bf16' | 'f16' | 'f32' | undefined;
  readonly blockSize: 16 | 32 | 64 | undefined;
  readonly threads: number | undefined;
  readonly checked: boolean | undefined;
  readonly target: 'cpu' | 'cuda' | undefined;
  readonly arch: readonly string[] | undefined;
}

export async function withModel(
  { checkpoint, revision, model, elements, blockSize, threads, checked, target, arch }: ModelArguments,
  use: (llm: LLM, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  // Loaded here and not above, so that `--help` need not wait for the runtime.
  const { LLM } = await import('../index.ts');
  const status = progress();
  const onDownload = await downloadProgress(status);
  const options = {
    revision,
    model,
    elements,
    blockSize,
    threads,
    checked,
    target,
    architectures: architecturesOf(arch),
  };
  await interruptible(async (signal) => {
    const llm = await LLM.load(checkpoint, { ...given(options), onProgress: status.say, onDownload, signal }).finally(
      status.clear,
    );
    try {
      signal.throwIfAborted();
      await use(llm, signal);
    } finally {
      await llm.close();
    }
  });
}
