/** A small program of every form of definition, lowered and planned: what verifier tests break. */

import type { Kernel } from '../../../codegen/ir/kernel.ts';
import type { Program } from '../../../codegen/ir/program.ts';
import { lower } from '../../../codegen/lower/lower.ts';
import { type MemoryPlan, plan } from '../../../codegen/plan/plan.ts';
import { readProgramOperators } from '../../../codegen/read/program-operators.ts';
import { bind } from '../../../codegen/trace/bind.ts';
import { trace } from '../../../dsl/lang/trace.ts';
import { addRmsNorm, linear, pagedAttention, siluMul, storeKv } from '../../../dsl/ops/index.ts';
import { libraryModule } from '../../../verify/build-cases.ts';

export interface Compiled {
  readonly program: Program;
  readonly kernels: readonly Kernel[];
  readonly plan: MemoryPlan;
}

/** y = linear(silu_mul(linear(norm(x + attention(q))))), behind a store of keys and values. */
export async function compileSmall(): Promise<Compiled> {
  const graph = trace('small', (g) => {
    const kv = storeKv({
      k: g.input('k', 'act', ['T', 1, 8]),
      v: g.input('v', 'act', ['T', 1, 8]),
      kv: g.paged('kv', { k: [1, 8], v: [1, 8] }),
    });
    const { o } = pagedAttention({ q: g.input('q', 'act', ['T', 2, 8]), kv: kv.kv }, { scale: 0.5 });
    const weightOf = (name: string, rows: number, columns: number) =>
      g.checkpoint(
        name,
        'weight',
        [rows, columns],
        [{ tensor: name, rowStart: 0, rows, columnStart: 0, columns, totalRows: rows, totalColumns: columns }],
      );
    const norm = g.checkpoint(
      'norm',
      'weight',
      [16],
      [{ tensor: 'norm', rowStart: 0, rows: 1, columnStart: 0, columns: 16, totalRows: 1, totalColumns: 16 }],
    );
    const { y, total } = addRmsNorm(
      { x: o.reshape('T', 16), residual: g.input('x', 'act', ['T', 16]), weight: norm },
      { eps: 1e-5 },
    );
    const up = linear({ x: y, weight: weightOf('up', 24, 16) });
    const down = linear({ x: siluMul({ x: up.y }).y, weight: weightOf('down', 16, 12) });
    return { y: down.y, total };
  });
  const read = await readProgramOperators([libraryModule]);
  const program = bind(graph, read.ir, { act: 'bf16', weight: 'bf16', cache: 'bf16' });
  const { kernels } = lower(program, { fuse: true }).ir;
  return { program, kernels, plan: plan(program, kernels) };
}
