/** `warpsmith explain`: why an operator's kernel is what it is. */
import type { Argv } from 'yargs';
import { compileOptions, given, operatorOptions, operatorShapeOf } from './options.ts';

export function explainCommand(cli: Argv): Argv {
  return cli.command(
    'explain <source>',
    'Tell which kernels there are, what was fused and what blocked the rest',
    (command) =>
      command
        .positional('source', {
          type: 'string',
          demandOption: true,
          describe: 'A TypeScript file that exports operators, a checkpoint directory, or a built engine for GPUs',
        })
        .options({ ...compileOptions, ...operatorOptions })
        .example('$0 explain my-op.ts --dims H=640', 'One operator')
        .example('$0 explain models/tiny', 'A whole model')
        .example('$0 explain engines/tiny-cuda', 'Registers, shared memory and occupancy of each kernel of an engine'),
    async ({ source, model, elements, blockSize, dims, attrs }) => {
      const { explain } = await import('../codegen/index.ts');
      process.stdout.write(
        await explain(source, { ...given({ model, elements, blockSize }), ...operatorShapeOf({ dims, attrs }) }),
      );
    },
  );
}
