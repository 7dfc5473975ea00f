/** Products whose rows take every kind of tile, past what the oracle has time for: against sums in f64, rounded once. */
import { beforeAll, expect, it } from 'vitest';
import { linear } from '../../../dsl/ops/index.ts';
import { OperatorLibrary, operatorCase } from '../../../verify/operator-library.ts';
import { Random } from '../../../verify/random.ts';
import { rounded } from '../../../verify/tensors.ts';
import { relativeBound, relativeError } from '../../../verify/tolerances.ts';
import { simulated } from '../../support/simulation.ts';

/** Columns enough that 128 rows are worth the large tiles, and a depth that ends within a step; and few, with several steps. */
const wide = operatorCase('linear', linear, { N: 12272, K: 72 });
const deep = operatorCase('linear', linear, { N: 72, K: 328 });

let library: OperatorLibrary;
beforeAll(async () => {
  library = await OperatorLibrary.build([wide, deep], 'bf16', simulated);
});

it.each([
  { title: 'large tiles', subject: wide, rows: 130 },
  { title: 'tiles of 64 rows', subject: deep, rows: 70 },
  { title: 'as many rows as are streamed', subject: deep, rows: 32 },
])('$title', ({ subject, rows }) => {
  const { N = 0, K = 0 } = subject.features;
  const random = new Random(rows);
  const numbers = (count: number) =>
    rounded(
      'bf16',
      Array.from({ length: count }, () => random.normal()),
    );
  const [x, weight] = [numbers(rows * K), numbers(N * K)];
  const { y } = library.run(subject, { counts: { T: rows }, inputs: { x, weight } });
  if (!(y instanceof Float64Array)) throw new Error('a product gives f64 numbers');
  const sums = Float64Array.from({ length: rows * N }, (_, place) => {
    const [t, n] = [Math.floor(place / N), place % N];
    let sum = 0;
    for (let k = 0; k < K; k++) sum += (x[t * K + k] ?? Number.NaN) * (weight[n * K + k] ?? Number.NaN);
    return sum;
  });
  const expected = rounded('bf16', sums);
  expect(relativeError(y, expected)).toBeLessThanOrEqual(relativeBound('bf16', expected.length));
});
