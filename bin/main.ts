/** `warpsmith`: parses the command line and turns what a command throws into an exit status. */
import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { buildCommand } from './build.ts';
import { codegenCommand } from './codegen.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { exitStatusOf, report, UsageError } from './failure.ts';
import { settleValues } from './option-values.ts';
import { runCommand } from './run.ts';
import { scoreCommand } from './score.ts';
import { verifyCommand } from './verify.ts';

/** yargs' words for a command without its argument count "non-option arguments". */
function usageError(message: string): UsageError {
  if (!message.startsWith('Not enough non-option arguments')) return new UsageError(message);
  return new UsageError(
    'The command is not told what to work on.',
    'See `warpsmith COMMAND --help`; `warpsmith run models/tiny` runs the embedded model.',
  );
}

/** Of the package: what yargs finds by itself is that of the project which the package is installed in. */
function version(): string {
  const { version }: { readonly version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return version;
}

/** Runs one command; resolves to the exit status: 0, 1 for a user's error, 2 for a bug of ours, 130 or 143 when interrupted. */
export async function main(args: readonly string[]): Promise<number> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    report(
      new UsageError(`The output cannot be written: ${error.message}.`, 'Make room for it, or let it go elsewhere.'),
    );
    process.exit(1);
  });
  // Progress and statistics, which nobody reads any more.
  process.stderr.on('error', () => {});
  const cli: Argv = yargs([...args])
    .scriptName('warpsmith')
    .version(version())
    .usage('$0 COMMAND\n\nA kernel compiler for LLM inference: operators in TypeScript, kernels in C++ and CUDA C.')
    // `--prompt a b` must not take b, and `--stop a --stop b` are two.
    .parserConfiguration({ 'greedy-arrays': false })
    .demandCommand(1, 'Say what to do.')
    .strict()
    .middleware((parsed) => settleValues(parsed, args, cli), true)
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .fail((message, error) => {
      throw error ?? usageError(message);
    });
  for (const addTo of [
    runCommand,
    scoreCommand,
    buildCommand,
    codegenCommand,
    explainCommand,
    verifyCommand,
    doctorCommand,
  ])
    addTo(cli);
  try {
    await cli.parseAsync();
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    report(error);
    return exitStatusOf(error);
  }
}
