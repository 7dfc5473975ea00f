/** `warpsmith verify`: operators against their authors' functions in Node, and a model against its reference. */
import Table from 'cli-table3';
import type { Argv } from 'yargs';
import { checkpointPath } from '../runtime/embedded-model.ts';
import type { ModelReport, OperatorReport, OperatorShape, Prepared, PrepareOptions } from '../verify/index.ts';
import { colorsFor } from './colors.ts';
import { UsageError } from './failure.ts';
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
  revisionOption,
} from './options.ts';
import { progress } from './progress.ts';

const elementTypes = ['bf16', 'f16', 'f32'] as const;

export function verifyCommand(cli: Argv): Argv {
  const { target, arch } = compileOptions;
  return cli.command(
    'verify [source]',
    'Check every operator and a model, or operators of your own, on this machine against their references',
    (command) =>
      command
        .positional('source', {
          type: 'string',
          default: 'models/tiny',
          coerce: checkpointPath,
          describe:
            'A checkpoint directory or a model of the hub, for which the library is verified too, or a file that exports operators',
        })
        .options({ target, arch, ...revisionOption, ...operatorOptions })
        .option('elements', {
          choices: elementTypes,
          array: true,
          describe: 'An element type to verify (repeatable; default: all)',
        })
        .option('operator', {
          type: 'string',
          array: true,
          requiresArg: true,
          describe: 'Verify this operator alone (repeatable)',
        })
        .option('prepare', {
          type: 'string',
          describe: 'Build only, into this directory: for a machine without compilers',
        })
        .option('from', {
          type: 'string',
          requiresArg: true,
          describe: 'A directory that --prepare made, in place of building',
        })
        .conflicts('prepare', 'from')
        .options(jsonOption)
        .example('$0 verify', 'The CPU target on this machine')
        .example('$0 verify my-op.ts', 'Your operators, at several sizes; --dims H=640 for one')
        .example('$0 verify --target cuda --prepare built', 'Where nvcc is; then carry ‘built’ to the GPU')
        .example('$0 verify --from built', 'Where the GPU is: needs Node and this package alone'),
    async ({
      target = 'cpu',
      arch,
      elements = elementTypes,
      operator,
      json,
      dims,
      attrs,
      revision,
      source: named,
      ...folders
    }) => {
      const ownFile = isOperatorFile(named);
      const { prepare, from } = folders;
      refuseStray(named, ownFile ? { operator, prepare, from } : { dims, attrs });
      const status = progress();
      const source = await modelDirectory(named, { revision, need: 'config', status });
      const settings = {
        target,
        ...given({ architectures: architecturesOf(arch) }),
        elements,
        onProgress: status.say,
      };
      const verifying = ownFile
        ? verifyFile(source, { ...settings, ...operatorShapeOf({ dims, attrs }) })
        : verifyCheckpoint(source, settings, operator, folders);
      const reports = await verifying.finally(status.clear);
      if (reports === null) return;
      process.stdout.write(json ? `${JSON.stringify(reports, null, 1)}\n` : tables(reports));
      const failed = [...reports.operators, ...reports.models].filter(({ failures }) => failures.length > 0);
      if (failed.length > 0) process.exitCode = 1;
    },
  );
}

/** Throws for an operator that is not among those of the library. */
function refuseUnknown(named: readonly string[], known: readonly string[]): void {
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`the library has no operator ${unknown}.`, `Name one of ${known.join(', ')}.`);
}

interface Reports {
  readonly operators: readonly OperatorReport[];
  readonly models: readonly ModelReport[];
}

type Settings = PrepareOptions & { readonly onProgress: (text: string) => void };

async function verifyFile(source: string, settings: Settings & Partial<OperatorShape>): Promise<Reports> {
  const { verifyOperatorFile } = await import('../verify/index.ts');
  const operators: OperatorReport[] = [];
  for await (const report of verifyOperatorFile(source, settings)) operators.push(report);
  return { operators, models: [] };
}

/** Null where what is to be verified was stored for another machine. */
async function verifyCheckpoint(
  checkpoint: string,
  settings: Settings,
  names: readonly string[] | undefined,
  folders: { readonly prepare: string | undefined; readonly from: string | undefined },
): Promise<Reports | null> {
  const { prepare, store, stored, verifiedCases } = await import('../verify/index.ts');
  refuseUnknown(names ?? [], [...verifiedCases.keys()]);
  const prepared =
    folders.from === undefined ? await prepare(checkpoint, settings) : stored(folders.from, settings.elements);
  if (prepared.length === 0)
    throw new UsageError(`${folders.from} holds nothing to verify.`, 'Make it with warpsmith verify --prepare DIR.');
  if (folders.prepare === undefined) return verifyAll(prepared, checkpoint, names, settings.onProgress);
  await store(prepared, folders.prepare);
  return null;
}

async function verifyAll(
  prepared: readonly Prepared[],
  checkpoint: string,
  names: readonly string[] | undefined,
  say: (text: string) => void,
): Promise<Reports> {
  const { hasReference, OperatorLibrary, verifyModel, verifyOperators } = await import('../verify/index.ts');
  const operators: OperatorReport[] = [];
  const models: ModelReport[] = [];
  for (const { element, ...folders } of prepared) {
    for (const report of verifyOperators(new OperatorLibrary(folders.operators, element), names)) {
      operators.push(report);
      say(`${element} ${report.operator}: ${report.failures.length === 0 ? 'holds' : 'FAILS'}`);
    }
    if (names !== undefined || !hasReference(checkpoint)) continue;
    const { LLM } = await import('../index.ts');
    const llm = await LLM.load(checkpoint, { engine: folders.model });
    models.push(await verifyModel(llm, checkpoint, element).finally(() => llm.close()));
  }
  return { operators, models };
}

function tables({ operators, models }: Reports): string {
  const table = new Table({
    head: ['operator', 'type', 'shapes', 'calls', 'error / bound', ''],
    style: { head: [], border: [] },
  });
  for (const { operator, element, shapes, calls, worst, failures } of operators)
    table.push([operator, element, shapes, calls, worst.toFixed(2), verdict(failures)]);
  const modelTable = new Table({
    head: ['model', 'type', 'tokens', 'mean gap', 'largest gap', ''],
    style: { head: [], border: [] },
  });
  for (const { checkpoint, elements, tokens, meanGap, largestGap, failures } of models)
    modelTable.push([
      checkpoint,
      elements,
      tokens,
      meanGap.toPrecision(3),
      largestGap.toPrecision(3),
      verdict(failures),
    ]);
  const told = [...operators, ...models]
    .flatMap(({ failures }) => failures)
    .map((failure) => `${colorsFor(process.stdout).red('failed')} ${failure}\n`);
  return `${table}\n${models.length > 0 ? `${modelTable}\n` : ''}${told.join('')}`;
}

function verdict(failures: readonly string[]): string {
  const colors = colorsFor(process.stdout);
  return failures.length === 0 ? colors.green('holds') : colors.red('fails');
}
