/** `warpsmith build`: makes a checkpoint's engine ahead of its first run, or a library of a user's operators. */
import type { Argv } from 'yargs';
import { checkpointConfig } from './checkpoint-config.ts';
import { interruptible } from './interrupt.ts';
import { modelDirectory } from './model-source.ts';
import {
  architecturesOf,
  compileOptions,
  given,
  isOperatorFile,
  jsonOption,
  operatorOptions,
  operatorShapeOf,
  refuseStray,
  sourceArgument,
} from './options.ts';
import { progress } from './progress.ts';

export function buildCommand(cli: Argv): Argv {
  return cli.command(
    'build <source>',
    'Generate and compile the engine of a model, or a library of operators with typed bindings',
    (command) =>
      command
        .positional('source', sourceArgument)
        .option('out', {
          type: 'string',
          requiresArg: true,
          describe: 'The engine’s directory (default: in the cache)',
        })
        .options({ ...compileOptions, ...operatorOptions, ...jsonOption })
        .example('$0 build models/tiny', 'So that the first run need not wait')
        .example('$0 build Qwen/Qwen3-0.6B', 'The same for a model of the Hugging Face hub, fetched on the way')
        .example('$0 build models/tiny --elements f32 --out engines/tiny-f32', 'Then: warpsmith run engines/tiny-f32')
        .example('$0 build my-op.ts --dims H=640 --out my-op', 'Then: import { myOp } from ‘./my-op/bindings.ts’'),
    async ({ source, out, model, elements, blockSize, checked, target, arch, dims, attrs, json, revision }) => {
      const ownFile = isOperatorFile(source);
      refuseStray(source, ownFile ? { model, revision } : { dims, attrs });
      const { compileModel, compileOperatorFile } = await import('../codegen/index.ts');
      const status = progress();
      const options = {
        ...given({ out, elements, blockSize, checked, target, architectures: architecturesOf(arch) }),
        onProgress: status.say,
      };
      const compileCheckpoint = async (path: string, hasWeights: boolean, signal: AbortSignal) => {
        const { checkOfWeightsAtHand } = await import('../index.ts');
        const onManifest = hasWeights ? await checkOfWeightsAtHand(path) : undefined;
        return compileModel(path, {
          ...options,
          ...given({ model }),
          ...(await checkpointConfig(path)),
          onManifest,
          signal,
        });
      };
      // A model that cannot be built is told before its weights are fetched; when they are there its engine is in the cache.
      const onConfig = async (directory: string, signal: AbortSignal) => {
        await compileCheckpoint(directory, false, signal);
      };
      const checkpoint = await modelDirectory(source, { revision, need: 'model', status, onConfig });
      const building = interruptible((signal) =>
        ownFile
          ? compileOperatorFile(source, { ...options, ...operatorShapeOf({ dims, attrs }), signal })
          : compileCheckpoint(checkpoint, true, signal),
      );
      const engine = await building.finally(status.clear);
      process.stdout.write(`${json ? JSON.stringify({ engine: engine.directory }) : engine.directory}\n`);
    },
  );
}
