import { expect, it } from 'vitest';
import { dimensionsOf, given } from '../../bin/options.ts';

it('reads dimensions', () => {
  expect(dimensionsOf('H=640, D=64')).toEqual({ H: 640, D: 64 });
  expect(dimensionsOf(undefined)).toEqual({});
});

it.each(['H', 'H=0', 'H=-1', 'H=1.5', '=3', 'H=3;D=4'])('refuses %j', (list) => {
  expect(() => dimensionsOf(list)).toThrow('--dims holds');
});

it('keeps what was given, falsy values too', () => {
  expect(given({ a: 0, b: undefined, c: false })).toEqual({ a: 0, c: false });
});
