import { afterAll, describe, expect, it } from 'vitest';
import { build } from '../../../codegen/build/build.ts';
import { compile, DEFAULT_ELEMENTS } from '../../../codegen/compile.ts';
import { OPERATOR_LIBRARY } from '../../../codegen/emit.ts';
import { operatorGraph } from '../../../codegen/operator-graph.ts';
import { readProgramOperators } from '../../../codegen/read/program-operators.ts';
import { selectRows } from '../../../dsl/ops/index.ts';
import { openLibrary } from '../../../runtime/native.ts';
import { Program } from '../../../runtime/program.ts';

describe('a checked build', async () => {
  const { ir: operators } = await readProgramOperators([OPERATOR_LIBRARY]);
  const graph = operatorGraph('selectRows', selectRows, { dims: { H: 8 } });
  const { ir } = compile([graph], operators, { elements: DEFAULT_ELEMENTS, checked: true });
  const built = await build(ir.library);
  if (!built.ok) throw new Error(built.message);
  const program = new Program(openLibrary(built.directory), 'selectRows', { capacities: { T: 4, R: 2 }, threads: 1 });
  afterAll(() => program.close());
  const x = new Uint16Array(4 * 8).map((_, place) => place);
  const y = new Uint16Array(2 * 8);

  it('computes what another build does', () => {
    program.bind({ x, rows: Int32Array.of(3, 0), y });
    program.launch({ T: 4, R: 2 });
    expect([...y]).toEqual([24, 25, 26, 27, 28, 29, 30, 31, 0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('names the tensor, the indices and the line of the access that leaves its tensor', () => {
    program.bind({ x, rows: Int32Array.of(1, 4), y });
    expect(() => program.launch({ T: 4, R: 2 })).toThrow(/x\(4, \d\) is outside of \[4, 8\], select-rows\.ts:\d+/);
  });

  it('runs again after a step that failed', () => {
    program.bind({ x, rows: Int32Array.of(2, 2), y });
    program.launch({ T: 4, R: 2 });
    expect(y[0]).toBe(16);
  });
});
