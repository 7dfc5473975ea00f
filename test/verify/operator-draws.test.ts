/** What operators are verified on is what they declare to take. */
import { expect, it } from 'vitest';
import { exampleDraws } from '../../verify/example-draws.ts';
import { drawCall } from '../../verify/operator-draws.ts';
import { dimsOf } from '../../verify/operator-library.ts';
import { verifiedCases } from '../../verify/operators.ts';

it.each([...verifiedCases])('%s is given contents within their ranges', (_, cases) => {
  for (const subject of cases) {
    for (const draw of exampleDraws(subject)) {
      const { counts, batch, inputs } = drawCall(subject, draw, 'f32', 64);
      const declarations = subject.operator.spec.inputs(dimsOf(subject, { counts, ...(batch && { batch }) }));
      for (const [name, declaration] of Object.entries(declarations)) {
        const values = inputs[name];
        if (declaration.kind !== 'dense' || declaration.range === null || !values || 'fields' in values) continue;
        const { low, high } = declaration.range;
        expect(Array.from(values).filter((value) => value < low || value >= high)).toEqual([]);
      }
    }
  }
});
