/** A user's selections over rows of every element type: the functions of the target take floats, whatever the row is stored as. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operator } from '../../../dsl/lang/operator.ts';
import { roundTo } from '../../../dsl/lang/rounding.ts';
import { OperatorLibrary, operatorCase, runOracle } from '../../../verify/operator-library.ts';
import { Random } from '../../../verify/random.ts';
import { type UserFolder, userFolder } from '../../support/user-folder.ts';
import { importUser, sourceFiles } from '../../support/user-sources.ts';

let folder: UserFolder;
beforeAll(() => {
  folder = userFolder(sourceFiles);
});
afterAll(() => folder.remove());

describe.each(['bf16', 'f16', 'f32'] as const)('selections over rows of %s', (element) => {
  it('give what the oracle gives', async () => {
    const path = folder.file('selections.ts');
    const operator = (await importUser(path)).selections as Operator;
    const cases = [2, 7, 64, 130].map((E) => operatorCase('selections', operator, { E }));
    const library = await OperatorLibrary.build(cases, element, { modules: [path] });
    for (const subject of cases) {
      const random = new Random(subject.features.E ?? 0);
      const x = Array.from({ length: 5 * (subject.features.E ?? 0) }, () => roundTo(element, random.normal()));
      const call = { counts: { T: 5 }, inputs: { x } };
      expect(library.run(subject, call, 2), subject.name).toEqual(runOracle(subject, call, element));
    }
  });
});
