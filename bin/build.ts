/** `warpsmith build`: makes a checkpoint's engine ahead of its first run. */
import type { Argv } from 'yargs';
import { checkpointArgument, compileOptions, given, jsonOption } from './options.ts';
import { progress } from './progress.ts';

export function buildCommand(cli: Argv): Argv {
  return cli.command(
    'build <checkpoint>',
    'Generate and compile the engine of a model',
    (command) =>
      command
        .positional('checkpoint', checkpointArgument)
        .option('out', { type: 'string', describe: 'The engine’s directory (default: in the cache)' })
        .options({ ...compileOptions, ...jsonOption })
        .example('$0 build models/tiny', 'So that the first run need not wait')
        .example('$0 build models/tiny --elements f32 --out engines/tiny-f32', 'Then: warpsmith run engines/tiny-f32'),
    async ({ checkpoint, out, model, elements, blockSize, json }) => {
      const { compileModel } = await import('../codegen/index.ts');
      const status = progress();
      const engine = await compileModel(checkpoint, {
        ...given({ out, model, elements, blockSize }),
        onProgress: status.say,
      }).finally(status.clear);
      process.stdout.write(`${json ? JSON.stringify({ engine: engine.directory }) : engine.directory}\n`);
    },
  );
}
