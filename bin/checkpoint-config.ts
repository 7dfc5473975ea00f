/** The compiler's view of a model argument: of a GGUF file the config that its metadata mean. */
import { isOperatorFile } from './options.ts';

/** `config` for the compiler's options; nothing for a directory, which has config.json, and for a file of operators. */
export async function checkpointConfig(source: string): Promise<{ readonly config?: string }> {
  if (isOperatorFile(source)) return {};
  const { configTextOf } = await import('../index.ts');
  const config = await configTextOf(source);
  return config === undefined ? {} : { config };
}
