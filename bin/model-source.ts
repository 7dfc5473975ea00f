/** The source of a command that compiles and does not run: a file of operators, or the directory that MODEL means. */
import { downloadProgress } from './download-progress.ts';
import { interruptible } from './interrupt.ts';
import { given, isOperatorFile, refuseStray } from './options.ts';
import type { Progress } from './progress.ts';

interface ModelSource {
  readonly revision: string | undefined;
  readonly need: 'config' | 'model';
  readonly status: Progress;
  /** Is awaited before weights are fetched, with the directory that has all else. */
  readonly onConfig?: (directory: string, signal: AbortSignal) => Promise<void>;
}

/** A file of operators is itself. `need` is `config` for commands that read no weights. */
export async function modelDirectory(
  source: string,
  { revision, need, status, onConfig }: ModelSource,
): Promise<string> {
  if (isOperatorFile(source)) {
    refuseStray(source, { revision });
    return source;
  }
  const { checkpointDirectory } = await import('../index.ts');
  const onDownload = await downloadProgress(status);
  return interruptible((signal) =>
    checkpointDirectory(source, {
      ...given({ revision }),
      need,
      onDownload,
      signal,
      onConfig: async (directory) => onConfig?.(directory, signal),
    }),
  );
}
