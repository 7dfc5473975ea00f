/** Exit status 1 for what a user can mend, with the mend; 2 for a bug, with the trace. */
import { afterEach, expect, it, vi } from 'vitest';
import { exitStatusOf, report, UsageError } from '../../bin/failure.ts';
import { Interruption } from '../../bin/interrupt.ts';
import { WarpsmithError } from '../../runtime/errors.ts';

afterEach(() => vi.restoreAllMocks());

function reported(error: unknown): string {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  report(error);
  return written.join('');
}

const missing = new WarpsmithError({ code: 'file-missing', message: 'There is no x.', mend: 'Make one.' });

it('a typed error is the user’s: message and mend, no trace', () => {
  expect(exitStatusOf(missing)).toBe(1);
  expect(reported(missing)).toBe('error: There is no x.\nMake one.\n');
});

it('what a file put into a message does not command the terminal', () => {
  const message = 'There is no tensor \x1b]0;owned\x07\x9b2J é\u2028\n\ttwo.';
  expect(reported(new WarpsmithError({ code: 'weights-missing', message, mend: 'Fetch \x1b[1mit.' }))).toBe(
    'error: There is no tensor \\x1b]0;owned\\x07\\x9b2J é\u2028\n\ttwo.\nFetch \\x1b[1mit.\n',
  );
});

it('a name as long as a file is cut', () => {
  const message = `There is no tensor ${'x'.repeat(10_000)}.`;
  expect(reported(new WarpsmithError({ code: 'weights-missing', message, mend: 'Fetch it.' }))).toHaveLength(2019);
});

it('diagnostics are told as README shows them: place first, the mend below the lines', () => {
  const span = { file: '/nowhere/my-op.ts', line: 6, column: 60, length: 9 };
  const error = Object.assign(new Error('my-op.ts:6:60 error range-high: x\n  mend: Guard it.\n'), {
    diagnostics: [{ code: 'range-high', message: 'x', mend: 'Guard it.', span }],
    mend: '',
  });
  expect(exitStatusOf(error)).toBe(1);
  expect(reported(error)).toBe('my-op.ts:6:60 error range-high: x\n  mend: Guard it.\n');
});

it('so is a wrong command line', () => {
  expect(exitStatusOf(new UsageError('Unknown command: dance'))).toBe(1);
  expect(reported(new UsageError('Unknown command: dance'))).toContain('--help');
});

it('an interruption is nobody’s error', () => {
  expect(exitStatusOf(new Interruption('SIGINT'))).toBe(130);
  expect(exitStatusOf(new Interruption('SIGTERM'))).toBe(143);
  expect(reported(new Interruption('SIGINT'))).toBe(
    'Interrupted. What was finished is kept: the same command goes on from there.\n',
  );
});

it('anything else is a bug of ours', () => {
  expect(exitStatusOf(new TypeError('x is undefined'))).toBe(2);
  expect(exitStatusOf('a string')).toBe(2);
  expect(reported(new TypeError('x is undefined'))).toMatch(
    /^this is a bug in warpsmith.*\nTypeError: x is undefined\n +at /,
  );
});
