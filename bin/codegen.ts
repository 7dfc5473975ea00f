/** `warpsmith codegen`: the text that the compiler writes, of any of its stages, without building it. */
import type { Argv } from 'yargs';
import { checkpointConfig } from './checkpoint-config.ts';
import { UsageError } from './failure.ts';
import { staleFiles, writeFiles } from './generated-files.ts';
import { modelDirectory } from './model-source.ts';
import { architecturesOf, compileOptions, given, operatorOptions, operatorShapeOf, sourceArgument } from './options.ts';
import { progress } from './progress.ts';

const stages = ['read', 'trace', 'shard', 'bind', 'lower', 'plan', 'render', 'bindings'] as const;

export function codegenCommand(cli: Argv): Argv {
  return cli.command(
    'codegen <source>',
    'Print or write what is generated from a model or an operator file',
    (command) =>
      command
        .positional('source', sourceArgument)
        .option('out', {
          type: 'string',
          requiresArg: true,
          describe: 'Write the sources into this directory (default: print them)',
        })
        .option('emit', { choices: stages, describe: 'Print what this stage of the compiler made' })
        .option('check', {
          type: 'boolean',
          default: false,
          describe: 'Write nothing; fail where --out is not up to date',
        })
        .options({ ...compileOptions, ...operatorOptions })
        .example('$0 codegen my-op.ts --dims H=640', 'Print the C++ of an operator')
        .example('$0 codegen my-op.ts --emit read', 'How the compiler understood the source')
        .example('$0 codegen models/tiny --out generated/tiny', 'Write the sources of a whole engine'),
    async ({ target, arch, out, emit, check, model, elements, blockSize, checked, dims, attrs, revision, ...args }) => {
      if (check && out === undefined) throw new UsageError('--check compares with a directory.', 'Give --out DIR.');
      const source = await modelDirectory(args.source, { revision, need: 'config', status: progress() });
      const { emitStage, generateSources } = await import('../codegen/index.ts');
      const settings = {
        ...given({ model, elements, blockSize, checked, target, architectures: architecturesOf(arch) }),
        ...operatorShapeOf({ dims, attrs }),
        ...(await checkpointConfig(source)),
      };
      if (emit !== undefined && emit !== 'render') {
        process.stdout.write(await emitStage(source, emit, settings));
        return;
      }
      const files = await generateSources(source, settings);
      if (out === undefined) for (const [path, text] of files) process.stdout.write(`// ${path}\n${text}\n`);
      else if (!check) await writeFiles(out, files);
      else reportStale(out, await staleFiles(out, files));
    },
  );
}

/** Throws if there are any. */
function reportStale(directory: string, stale: readonly string[]): void {
  if (stale.length === 0) return;
  throw new UsageError(
    `${directory} is stale: ${stale.join(', ')}.`,
    'Run the same command without --check and look at the diff.',
  );
}
