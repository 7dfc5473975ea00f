/** `npm run generate` and `npm run check:generated`: the committed operator library in generated/, written or compared. */
import { fileURLToPath } from 'node:url';
import { referenceLibrary } from '../codegen/index.ts';
import { exitStatusOf, report, UsageError } from './failure.ts';
import { leftoverFiles, staleFiles, writeFiles } from './generated-files.ts';

const directory = fileURLToPath(new URL('../generated/', import.meta.url));

try {
  const files = await referenceLibrary();
  if (process.argv.includes('--check')) await check(files);
  else await writeFiles(directory, files);
} catch (error) {
  report(error);
  process.exitCode = exitStatusOf(error);
}

async function check(files: ReadonlyMap<string, string>): Promise<void> {
  const wrong = [...(await staleFiles(directory, files)), ...(await leftoverFiles(directory, files))];
  if (wrong.length === 0) return;
  throw new UsageError(
    `generated/ is not what the compiler writes: ${wrong.join(', ')}.`,
    'Run npm run generate and look at the diff.',
  );
}
