/** The files of dsl/ops, and files beside them in a folder outside the repository: changed copies, and new ones. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { snakeCase } from '../../codegen/names.ts';
import type { Operator } from '../../dsl/lang/operator.ts';

const dsl = fileURLToPath(new URL('../../dsl/', import.meta.url));

/** Every file of dsl/ops that declares an operator: a new one is found by lying there. */
export const operatorFiles: readonly string[] = readdirSync(`${dsl}ops`)
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .map((file) => `${dsl}ops/${file}`);

/** What the files export, by name. */
export async function importOperators(files: readonly string[]): Promise<ReadonlyMap<string, Operator>> {
  const operators = new Map<string, Operator>();
  for (const file of files) {
    const module: Readonly<Record<string, unknown>> = await import(/* @vite-ignore */ pathToFileURL(file).href);
    for (const [name, value] of Object.entries(module)) if (isOperator(value)) operators.set(name, value);
  }
  return operators;
}

function isOperator(value: unknown): value is Operator {
  return typeof value === 'function' && 'spec' in value;
}

/** The text of the file of dsl/ops that exports the operator. */
export function sourceOf(operator: string): string {
  return readFileSync(`${dsl}ops/${snakeCase(operator).replaceAll('_', '-')}.ts`, 'utf8');
}

/** A temporary folder in which files lie as they would in dsl/ops: `../lang` is the language. */
export class OperatorFolder {
  readonly #path = mkdtempSync(join(tmpdir(), 'warpsmith-operators-'));

  constructor() {
    mkdirSync(join(this.#path, 'ops'));
    symlinkSync(`${dsl}lang`, join(this.#path, 'lang'));
  }

  /** The path of a new file. */
  write(file: string, text: string): string {
    const path = join(this.#path, 'ops', file);
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}
