/** The operators of a program as values: what a traced call holds, matched to the source that declares it. */
import { pathToFileURL } from 'node:url';
import type { Operator } from '../../dsl/lang/operator.ts';
import type { PassResult } from '../ir/diagnostic.ts';
import type { OperatorIr } from '../ir/operator.ts';
import { readOperators } from './read.ts';

/**
 * Reads all operators reachable from the entry files and imports their modules, so that an operator object met in a graph
 * finds its IR by identity. The process must be able to import TypeScript (tsx or a test runner). Operators with mistakes are
 * not in the map. Throws what a module throws while it is imported.
 */
export async function readProgramOperators(
  entryFiles: readonly string[],
): Promise<PassResult<ReadonlyMap<Operator, OperatorIr>>> {
  const { ir: operators, diagnostics } = readOperators(entryFiles);
  const found = new Map<Operator, OperatorIr>();
  for (const operator of operators) {
    const namespace: Readonly<Record<string, unknown>> = await import(
      /* @vite-ignore */ pathToFileURL(operator.file).href
    );
    const value = namespace[operator.name];
    if (isOperator(value)) found.set(value, operator);
  }
  return { ir: found, diagnostics };
}

function isOperator(value: unknown): value is Operator {
  return typeof value === 'function' && 'spec' in value;
}
