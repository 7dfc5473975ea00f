import { describe, expect, it } from 'vitest';
import {
  act,
  attend,
  evaluate,
  f32,
  i32,
  LanguageError,
  op,
  range,
  scatter,
  siluMul,
  state,
} from '../../../dsl/index.ts';

describe('evaluate', () => {
  it("runs the author's function and rounds what it stores once", () => {
    const x = [1, -2, 0.5, 3];
    const exact = (gate: number, up: number) => (gate / (1 + Math.exp(-gate))) * up;
    const wide = evaluate(siluMul, { dims: { T: 1, H: 2 }, inputs: { x }, elements: { act: 'f32' } });
    expect([...wide.y]).toEqual([Math.fround(exact(1, 0.5)), Math.fround(exact(-2, 3))]);
    const narrow = evaluate(siluMul, { dims: { T: 1, H: 2 }, inputs: { x } });
    expect(narrow.y[0]).toBe(0.365234375);
  });

  it('gives nothing for an empty batch', () => {
    expect(evaluate(siluMul, { dims: { T: 0, H: 2 }, inputs: { x: [] } }).y).toHaveLength(0);
  });

  it('names operator, tensor and index of a load outside of its tensor', () => {
    const shifted = op({
      dims: ['T', 'H'],
      inputs: ({ T, H }) => ({ x: act(T, H) }),
      outputs: ({ T, H }) => ({ y: act(T, H) }),
      define: (_, { x }) => ({ y: (t, h) => x(t, h + 1) }),
    });
    const run = () => evaluate(shifted, { dims: { T: 1, H: 2 }, inputs: { x: [1, 2] } });
    expect(run).toThrow(/evaluate\.test\.ts:\d+: x\[0, 2\] lies outside of \[1, 2\]/);
  });

  it('holds declared contents to their range where they are read', () => {
    const gather = op({
      dims: ['T', 'N'],
      inputs: ({ T, N }) => ({ id: i32(T).in(0, N), on: i32(T), x: f32(N) }),
      outputs: ({ T }) => ({ y: f32(T) }),
      define: (_, { id, on, x }) => ({ y: (t) => (on(t) > 0 ? x(id(t)) : 0) }),
    });
    const run = (id: readonly number[]) =>
      evaluate(gather, { dims: { T: 2, N: 2 }, inputs: { id, on: [1, 0], x: [5, 6] } });
    expect([...run([1, 7]).y]).toEqual([6, 0]);
    expect(() => run([2, 0])).toThrow(/evaluate\.test\.ts:\d+: id\[0\] is 2, and \[0, 2\) is declared/);
  });

  it('lets a ternary guard its loads', () => {
    const padded = op({
      dims: ['H'],
      inputs: ({ H }) => ({ x: f32(H) }),
      outputs: ({ H }) => ({ y: f32(H + 1) }),
      define: ({ H }, { x }) => ({ y: (h) => (h < H ? x(h) : -1) }),
    });
    expect([...evaluate(padded, { dims: { H: 2 }, inputs: { x: [5, 6] } }).y]).toEqual([5, 6, -1]);
  });

  it('attends to nothing with 0, and leaves out what the mask does not hold', () => {
    const window = op({
      dims: ['T', 'D'],
      inputs: ({ T, D }) => ({ v: f32(T, D) }),
      outputs: ({ T, D }) => ({ o: f32(T, D) }),
      define: (_, { v }) => ({
        o: (t) => attend(range(0, t), (j) => ({ score: 0, mask: j !== 1, value: (d) => v(j, d) })),
      }),
    });
    const { o } = evaluate(window, { dims: { T: 4, D: 1 }, inputs: { v: [1, 2, 5, 9] } });
    expect([...o]).toEqual([0, 1, 1, 3]);
  });

  it('scatters into a copy, skips negative slots, and reads the version before', () => {
    const count = op({
      dims: ['R', 'S'],
      inputs: ({ R, S }) => ({ row: i32(R), counts: state(i32(S)) }),
      outputs: ({ S }) => ({ counts: state(i32(S)) }),
      define: ({ R }, { row, counts }) => ({
        counts: scatter(R, (r) => ({ slot: [row(r)], value: row(r) >= 0 ? counts(row(r)) + 1 : 0 })),
      }),
    });
    const before = [10, 20, 30];
    const { counts } = evaluate(count, { dims: { R: 3, S: 3 }, inputs: { row: [2, -1, 0], counts: before } });
    expect([...counts]).toEqual([11, 20, 31]);
    expect(before).toEqual([10, 20, 30]);
    expect(() => evaluate(count, { dims: { R: 3, S: 3 }, inputs: { row: [2, -1, 2], counts: before } })).toThrow(
      'counts[2] is written twice in one step',
    );
  });

  it('refuses calls that do not fit, each with the mend', () => {
    const wrong = () => evaluate(siluMul, { dims: { T: 1, H: 2 }, inputs: { x: [1] } });
    expect(wrong).toThrow(LanguageError);
    expect(wrong).toThrow(/silu-mul\.ts:\d+ takes x of shape \[1, 4\] and is given 1 numbers/);
    expect(() => evaluate(siluMul, { dims: { T: 1 }, inputs: { x: [] } })).toThrow('is evaluated without H');
  });

  it('refuses a fraction in an i32 tensor', () => {
    const half = op({
      dims: ['N'],
      inputs: ({ N }) => ({ x: i32(N) }),
      outputs: ({ N }) => ({ y: i32(N) }),
      define: (_, { x }) => ({ y: (n) => x(n) / 2 }),
    });
    expect(() => evaluate(half, { dims: { N: 1 }, inputs: { x: [3] } })).toThrow('y is i32 and gets 1.5');
  });
});
