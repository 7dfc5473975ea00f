import { expect, it } from 'vitest';
import { type Problem, throwProblems, WarpsmithError } from '../../runtime/errors.ts';

const problem = (message: string, mend = 'Mend it.'): Problem => ({ code: 'option-invalid', message, mend });

it('carries code, message and mend', () => {
  expect(new WarpsmithError(problem('It is wrong.'))).toMatchObject({
    code: 'option-invalid',
    message: 'It is wrong.',
    mend: 'Mend it.',
  });
});

it('carries all problems, and each mend once', () => {
  expect(() => throwProblems([])).not.toThrow();
  const problems = [problem('One.'), problem('Two.'), problem('Three.', 'Mend that.')];
  const error = expect.objectContaining({ message: 'One.\nTwo.\nThree.', mend: 'Mend it. Mend that.', problems });
  expect(() => throwProblems(problems)).toThrow(error);
});
