/** `warpsmith explain`: why an operator's kernel is what it is. */
import type { Argv } from 'yargs';
import { checkpointConfig } from './checkpoint-config.ts';
import { modelDirectory } from './model-source.ts';
import { architecturesOf, compileOptions, given, operatorOptions, operatorShapeOf, sourceArgument } from './options.ts';
import { progress } from './progress.ts';

export function explainCommand(cli: Argv): Argv {
  return cli.command(
    'explain <source>',
    'Tell which kernels there are, what was fused and what blocked the rest',
    (command) =>
      command
        .positional('source', {
          ...sourceArgument,
          describe:
            'A TypeScript file that exports operators, a checkpoint directory or GGUF file, a model of the hub, or a built engine for GPUs',
        })
        .options({ ...compileOptions, ...operatorOptions })
        .option('rows', {
          type: 'number',
          requiresArg: true,
          describe: 'Rows (tokens) that costs are told for (default: 1)',
        })
        .option('keys', { type: 'number', requiresArg: true, describe: 'Keys that each row attends to (default: 512)' })
        .example('$0 explain my-op.ts --dims H=640', 'One operator')
        .example('$0 explain models/tiny', 'A whole model')
        .example('$0 explain models/tiny --target cuda --rows 8', 'With the least time that each kernel takes on a GPU')
        .example('$0 explain engines/tiny-cuda', 'Registers, shared memory and occupancy of each kernel of an engine'),
    async ({ model, elements, blockSize, target, arch, dims, attrs, rows, keys, revision, ...args }) => {
      const source = await modelDirectory(args.source, { revision, need: 'config', status: progress() });
      const { explain } = await import('../codegen/index.ts');
      process.stdout.write(
        await explain(source, {
          ...given({ model, elements, blockSize, target, architectures: architecturesOf(arch), rows, keys }),
          ...operatorShapeOf({ dims, attrs }),
          ...(await checkpointConfig(source)),
        }),
      );
    },
  );
}
