/** A new elementwise operator is one new file and nothing else: no registration, no shapes, no template. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperatorLibrary, runOracle } from '../../../verify/operator-library.ts';
import { casesOf } from '../../../verify/operator-shapes.ts';
import { importOperators, OperatorFolder } from '../../support/operator-files.ts';
import { holdsFor } from '../../support/operator-suite.ts';

const source = `
import { act } from '../lang/declare.ts';
import { maximum } from '../lang/arithmetic.ts';
import { op } from '../lang/operator.ts';

/** Squared ReLU with a gate (So et al., 2021): y[t, h] = max(x[t, h], 0)^2 * gate[t, h]. */
export const squaredReluMul = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H), gate: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x, gate }) => ({
    y: (t, h) => {
      const positive = maximum(x(t, h), 0);
      return positive * positive * gate(t, h);
    },
  }),
});
`;

const folder = new OperatorFolder();
let modules: readonly string[];
beforeAll(() => {
  modules = [folder.write('squared-relu-mul.ts', source)];
});
afterAll(() => folder.remove());

describe.each(['bf16', 'f16', 'f32'] as const)('a new operator, %s', (element) => {
  it('runs in Node and compiled', async () => {
    const operator = (await importOperators(modules)).get('squaredReluMul');
    if (operator === undefined) throw new Error('the file exports no operator');
    const cases = casesOf('squaredReluMul', operator);
    const library = await OperatorLibrary.build(cases, element, { modules });
    for (const subject of cases) holdsFor(library, subject, 8);
    const [one] = cases;
    if (one === undefined) throw new Error('there is no case');
    const call = { counts: { T: 3 }, inputs: { x: [3, -3, 0.5], gate: [2, 2, -4] } };
    expect(runOracle(one, call, element).y).toEqual(Float64Array.of(18, 0, -1));
    expect(library.run(one, call).y).toEqual(Float64Array.of(18, 0, -1));
  });
});
