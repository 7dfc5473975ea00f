/** The source of a command that compiles and does not run: a file of operators, or the directory that MODEL means. */
import { downloadProgress } from './download-progress.ts';
import { interruptible } from './interrupt.ts';
import { given, isOperatorFile, refuseStray } from './options.ts';
import type { Progress } from './progress.ts';

/** A file of operators is itself. `need` is `config` for commands that read no weights. */
export async function modelDirectory(
  source: string,
  { revision, need, status }: { revision: string | undefined; need: 'config' | 'model'; status: Progress },
): Promise<string> {
  if (isOperatorFile(source)) {
    refuseStray(source, { revision });
    return source;
  }
  const { checkpointDirectory } = await import('../index.ts');
  const onDownload = await downloadProgress(status);
  return interruptible((signal) => checkpointDirectory(source, { ...given({ revision }), need, onDownload, signal }));
}
