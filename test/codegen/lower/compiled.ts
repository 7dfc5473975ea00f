/** Compiles graphs of the fixtures without building them. */
import { fileURLToPath } from 'node:url';
import { type CompiledUnit, compile, DEFAULT_ELEMENTS } from '../../../codegen/compile.ts';
import type { Diagnostic } from '../../../codegen/ir/diagnostic.ts';
import { readProgramOperators } from '../../../codegen/read/program-operators.ts';
import type { Graph } from '../../../dsl/lang/graph.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures.ts', import.meta.url));

export interface Compiled extends CompiledUnit {
  readonly files: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
  readonly kernelNames: readonly string[];
}

export async function compiled(
  graph: Graph,
  options: { readonly fuse?: boolean; readonly checked?: boolean } = {},
): Promise<Compiled> {
  const read = await readProgramOperators([FIXTURES]);
  if (read.diagnostics.length > 0) throw new Error(read.diagnostics.map(({ message }) => message).join('\n'));
  const { ir, diagnostics } = compile([graph], read.ir, { elements: DEFAULT_ELEMENTS, ...options });
  const [unit] = ir.units;
  if (!unit) throw new Error('one graph makes one unit');
  return {
    ...unit,
    files: ir.library.files,
    diagnostics,
    kernelNames: unit.lowered.kernels.map((kernel) => kernel.name),
  };
}
