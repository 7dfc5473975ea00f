import { expect, it } from 'vitest';
import { given, operatorShapeOf } from '../../bin/options.ts';

const attrs = undefined;

it('reads dimensions and attributes', () => {
  const shape = operatorShapeOf({ dims: 'H=640, D=64', attrs: 'scale=0.125,eps=1e-6, bias=-.5' });
  expect(shape).toEqual({ dims: { H: 640, D: 64 }, attrs: { scale: 0.125, eps: 1e-6, bias: -0.5 } });
  expect(operatorShapeOf({ dims: undefined, attrs })).toEqual({ dims: {}, attrs: {} });
});

it.each(['H', 'H=0', 'H=-1', 'H=1.5', '=3', 'H=3;D=4'])('refuses %j as dimensions', (dims) => {
  expect(() => operatorShapeOf({ dims, attrs })).toThrow('--dims holds');
});

it.each(['scale', 'scale=', 'scale=x', 'scale=Infinity', '=3', 'scale=0x10'])('refuses %j as attributes', (list) => {
  expect(() => operatorShapeOf({ dims: undefined, attrs: list })).toThrow('--attrs holds');
});

it('keeps what was given, falsy values too', () => {
  expect(given({ a: 0, b: undefined, c: false })).toEqual({ a: 0, c: false });
});
