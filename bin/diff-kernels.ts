/**
 * `npm run diff:kernels [-- REF]`: what the working tree's compiler makes of the operator library, beside the generated/ of a
 * commit (default HEAD): the kernels that were added, removed and changed, and a unified diff of each.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { referenceLibrary } from '../codegen/index.ts';
import { colorsFor } from './colors.ts';
import { exitStatusOf, report, UsageError } from './failure.ts';
import { type GeneratedFiles, writeFiles } from './generated-files.ts';
import { type KernelTexts, kernelChanges, kernelTexts } from './kernel-texts.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  const before = kernelTexts(await generatedAt(process.argv[2] ?? 'HEAD'));
  const after = kernelTexts(await referenceLibrary());
  const { added, removed, changed, unchanged } = kernelChanges(before, after);
  const colors = colorsFor(process.stdout);
  for (const name of added) process.stdout.write(`${colors.green('added')}   ${name}\n`);
  for (const name of removed) process.stdout.write(`${colors.red('removed')} ${name}\n`);
  for (const name of changed) process.stdout.write(`${colors.yellow('changed')} ${name}\n`);
  process.stdout.write(`${unchanged} kernels are as they were\n`);
  const different = new Set([...added, ...removed, ...changed]);
  if (different.size > 0) process.stdout.write(await unifiedDiff(only(before, different), only(after, different)));
} catch (error) {
  report(error);
  process.exitCode = exitStatusOf(error);
}

/** The files of generated/ in a commit, which `npm run check:generated` keeps what its compiler writes. */
async function generatedAt(reference: string): Promise<GeneratedFiles> {
  const git = (...args: readonly string[]) =>
    execa('git', args, { cwd: root, reject: false, stripFinalNewline: false });
  const listed = await git('ls-tree', '-r', '--name-only', reference, 'generated/');
  if (listed.failed) throw new UsageError(`git knows no commit ${reference}: ${listed.stderr.trim()}`, 'Name another.');
  const paths = listed.stdout.split('\n').filter((path) => path !== '');
  const texts = await Promise.all(paths.map(async (path) => (await git('show', `${reference}:${path}`)).stdout));
  return new Map(paths.map((path, place) => [path.replace(/^generated\//, ''), texts[place] ?? '']));
}

function only(kernels: KernelTexts, names: ReadonlySet<string>): KernelTexts {
  return new Map([...kernels].filter(([name]) => names.has(name)));
}

/** As git prints it, a file a kernel. */
async function unifiedDiff(before: KernelTexts, after: KernelTexts): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'warpsmith-diff-'));
  try {
    await writeFiles(join(folder, 'before'), before);
    await writeFiles(join(folder, 'after'), after);
    const color = process.stdout.isTTY ? 'always' : 'never';
    const args = ['diff', '--no-index', '--no-prefix', `--color=${color}`, 'before', 'after'];
    const { stdout } = await execa('git', args, { cwd: folder, reject: false, stripFinalNewline: false });
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
