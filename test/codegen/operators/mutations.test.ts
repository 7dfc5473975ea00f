/**
 * Is it really compiled? Each operator's body is changed by one token in a copy outside the repository; the target must follow
 * the changed oracle, which must differ from the old one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Draw, drawCall } from '../../../verify/operator-draws.ts';
import { type OperatorCase, OperatorLibrary, runOracle } from '../../../verify/operator-library.ts';
import { product } from '../../../verify/tensors.ts';
import { importOperators, OperatorFolder, sourceOf } from '../../support/operator-files.ts';
import { allCases, expectSame } from '../../support/operator-suite.ts';
import { simulated } from '../../support/simulation.ts';
import { type Mutant, mutants } from './mutants.ts';

const draw: Draw = {
  seed: 4,
  rows: 17,
  sequences: [
    { tokens: 3, cached: 63 },
    { tokens: 2, cached: 0 },
  ],
  ties: false,
  special: false,
  skipped: false,
};

const titled = mutants.map((mutant, place) => ({
  ...mutant,
  place,
  title: `${mutant.operator}: ${mutant.from.trim()} becomes ${mutant.to.trim() || 'nothing'}`,
}));

const executions = [
  { execution: 'on the CPU', target: {} },
  { execution: 'as CUDA C', target: simulated },
];

describe.each(executions)('mutations $execution', ({ target }) => {
  const folder = new OperatorFolder();
  const subjects: OperatorCase[] = [];
  let compiled: OperatorLibrary;

  beforeAll(async () => {
    const modules: string[] = [];
    for (const { place, ...mutant } of titled) {
      const name = `mutant${place}`;
      const path = folder.write(`${name}.ts`, mutate(mutant));
      const operator = (await importOperators([path])).get(mutant.operator);
      if (operator === undefined) throw new Error(`${path} exports no ${mutant.operator}`);
      modules.push(path);
      subjects.push({ ...originalOf(mutant), name, operator });
    }
    compiled = await OperatorLibrary.build(subjects, 'f32', { modules, ...target });
  });
  afterAll(() => folder.remove());

  it.each(titled)('$title', (mutant) => {
    const subject = subjects[mutant.place];
    if (subject === undefined) throw new Error('the mutant is not built');
    const original = originalOf(mutant);
    const call = drawCall(original, draw, 'f32', compiled.blockSize);
    const changed = runOracle(subject, call, 'f32');
    expectSame(compiled, subject, call, compiled.run(subject, call), changed);
    const unchanged = runOracle(original, call, 'f32');
    expect(() => expectSame(compiled, original, call, changed, unchanged)).toThrow();
  });
});

it('every operator has a mutant', () => {
  const missing = [...allCases.keys()].filter((name) => !mutants.some(({ operator }) => operator === name));
  expect(missing, 'give these a mutant in test/codegen/operators/mutants.ts').toEqual([]);
});

/** The largest of the operator's cases that is still quick to run. */
function originalOf({ operator, where = () => true }: Mutant): OperatorCase {
  const width = ({ features }: OperatorCase) => product(Object.values(features));
  const quick = (allCases.get(operator) ?? []).filter((subject) => width(subject) <= 600 && where(subject.features));
  const largest = quick.reduce<OperatorCase | null>(
    (best, subject) => (best === null || width(subject) > width(best) ? subject : best),
    null,
  );
  if (largest === null) throw new Error(`${operator} has no small case`);
  return largest;
}

function mutate({ operator, from, to, needs }: Mutant): string {
  const text = sourceOf(operator);
  const body = text.indexOf('define:');
  const place = text.indexOf(from, body);
  if (body < 0 || place < 0) throw new Error(`${operator} has no ${from} in its define`);
  const imported = needs === undefined ? '' : `import { ${needs} } from '../lang/index.ts';\n`;
  return imported + text.slice(0, place) + to + text.slice(place + from.length);
}
