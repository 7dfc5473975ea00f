/** The operators of a program as values: what a traced call holds, matched to the source that declares it. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Operator } from '../../dsl/lang/operator.ts';
import { CompileError } from '../errors.ts';
import type { PassResult } from '../ir/diagnostic.ts';
import type { OperatorIr } from '../ir/operator.ts';
import { importModule } from './import-module.ts';
import { libraryOperators } from './library-operators.ts';
import { isLibraryFile, languageIndex } from './modules.ts';
import { readOperators } from './read.ts';

/**
 * Reads all operators reachable from the entry files and imports their modules, so that an operator object met in a graph
 * finds its IR by identity. The process must be able to import TypeScript (tsx or a test runner). Operators with mistakes are
 * not in the map but among the diagnostics.
 *
 * @throws CompileError `module-not-loaded` for a module that cannot be imported, unless its source is at fault already.
 */
export async function readProgramOperators(
  entryFiles: readonly string[],
): Promise<PassResult<ReadonlyMap<Operator, OperatorIr>>> {
  const { ir: operators, diagnostics } = await readWithLibrary(entryFiles.map((file) => realpathSync(resolve(file))));
  const found = new Map<Operator, OperatorIr>();
  for (const operator of operators) {
    const value = await exported(operator, diagnostics.length > 0);
    if (isOperator(value)) found.set(value, operator);
  }
  return { ir: found, diagnostics };
}

/** What the library's own files reach is kept; where no entry is one of them, an author's file may import any operator of it. */
async function readWithLibrary(entries: readonly string[]): Promise<PassResult<readonly OperatorIr[]>> {
  const inLibrary = entries.filter(isLibraryFile);
  const library = await libraryOperators(inLibrary.length > 0 ? inLibrary : [languageIndex]);
  const own = readOperators(
    entries.filter((entry) => !isLibraryFile(entry)),
    isLibraryFile,
  );
  return { ir: [...library.ir, ...own.ir], diagnostics: [...library.diagnostics, ...own.diagnostics] };
}

async function exported({ file, name }: OperatorIr, isFaulty: boolean): Promise<unknown> {
  try {
    return (await importModule(file))[name];
  } catch (error) {
    if (isFaulty) return undefined;
    throw new CompileError(
      'module-not-loaded',
      `${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      'Give a TypeScript file that Node can import.',
    );
  }
}

function isOperator(value: unknown): value is Operator {
  return typeof value === 'function' && 'spec' in value;
}
