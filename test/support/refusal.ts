/** How an attempt is refused that a user can mend. */
import { expect } from 'vitest';
import { exitStatusOf } from '../../bin/failure.ts';

/** What a command would print of the error that `attempt` ends with. */
export async function refusal(attempt: () => Promise<unknown>): Promise<string> {
  const error = await attempt().then(
    () => new Error('it went well'),
    (thrown) => thrown,
  );
  expect(exitStatusOf(error), String(error.stack)).toBe(1);
  expect(error.mend).toMatch(/^[A-Z].*[.)]$/s);
  return `${error.message}\n${error.mend}`;
}
