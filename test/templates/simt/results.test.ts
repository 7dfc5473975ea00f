/** Built-in functions and instructions on the simulated GPU, against plain loops. */
import { beforeAll, describe, expect, it } from 'vitest';
import { fromBits, toBits } from '../../../dsl/lang/rounding.ts';
import { Random } from '../../../verify/random.ts';
import { type Run, simulate } from './simulator.ts';

let run: Run;
beforeAll(async () => {
  run = await simulate('results.cu');
});

const lanes = Array.from({ length: 32 }, (_, lane) => lane);
const of = (value: (lane: number) => number): number[] => lanes.map((lane) => value(lane) >>> 0);
const part = (out: readonly number[], place: number, count = 32): number[] =>
  out.slice(place * count, (place + 1) * count);

describe('a warp', () => {
  it('shuffles', async () => {
    const input = Uint32Array.from(lanes, (lane) => 1000 + lane * lane);
    const at = (lane: number): number => input[lane] ?? Number.NaN;
    const { out, fault } = await run('shuffles', { threads: 32, input });
    expect(fault).toBe('no fault');
    expect(part(out, 0)).toEqual(of(() => at(5)));
    expect(part(out, 1)).toEqual(of((lane) => at((lane & ~7) + 1)));
    expect(part(out, 2)).toEqual(of((lane) => at(lane < 3 ? lane : lane - 3)));
    expect(part(out, 3)).toEqual(of((lane) => at((lane & 15) + 3 >= 16 ? lane : lane + 3)));
    expect(part(out, 4)).toEqual(of((lane) => at(lane ^ 6)));
    expect(part(out, 5)).toEqual(of((lane) => at(lane ^ 1) * 2 + 1));
  });

  it('votes and reduces', async () => {
    const { out } = await run('votes', { threads: 32 });
    const bits = (holds: (lane: number) => boolean): number =>
      lanes.reduce((sum, lane) => sum + (holds(lane) ? 2 ** lane : 0), 0);
    expect(part(out, 0)).toEqual(of(() => bits((lane) => lane % 3 === 0)));
    expect(part(out, 1)).toEqual(of(() => 1));
    expect(part(out, 2)).toEqual(of((own) => bits((lane) => Math.floor(lane / 5) === Math.floor(own / 5))));
    expect(part(out, 3)).toEqual(of(() => 496));
    expect(part(out, 4)).toEqual(of(() => -7));
    expect(part(out, 5)).toEqual(of(() => 31 * 0x08000000));
    expect(part(out, 6)).toEqual(of(() => lanes.reduce((all, lane) => all ^ (lane * lane), 0)));
  });
});

it('atomics lose nothing, and count like a barrier that counts', async () => {
  const { out, fault, text } = await run('atomics', { threads: 96 });
  expect([fault, text]).toEqual(['no fault', '']);
  expect(out.slice(0, 96)).toEqual(new Array(96).fill(1));
  const all = Array.from({ length: 96 }, (_, i) => i);
  expect(out.slice(96, 100)).toEqual([96, 95, all.reduce((a, b) => a ^ b, 0), (95 * 96) / 2]);
  expect(out.slice(128, 224)).toEqual(new Array(96).fill(20));
});

it('a copy lands at its wait, with what stands at its source then', async () => {
  const { out } = await run('copies_land_at_their_wait');
  expect(out.slice(512, 576)).toEqual(new Array(64).fill(2));
  expect(out.slice(640, 704)).toEqual(new Array(64).fill(10));
});

describe('tensor cores', () => {
  const random = new Random(7);
  const matrix = (rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.integer(-8, 9) / 4));

  it.each(['bf16', 'f16'] as const)('multiply %s', async (type) => {
    const [a, b, d] = [matrix(16, 16), matrix(16, 8), matrix(16, 8)];
    const at = (values: number[][], row: number, column: number): number => values[row]?.[column] ?? Number.NaN;
    const pair = (low: number, high: number): number => (toBits(type, low) | (toBits(type, high) << 16)) >>> 0;
    const words = [
      ...lanes.flatMap((lane) =>
        [0, 1, 2, 3].map((i) => {
          const row = (lane >> 2) + (i % 2) * 8;
          const column = (lane % 4) * 2 + (i >> 1) * 8;
          return pair(at(a, row, column), at(a, row, column + 1));
        }),
      ),
      ...lanes.flatMap((lane) =>
        [0, 1].map((i) => {
          const row = (lane % 4) * 2 + i * 8;
          return pair(at(b, row, lane >> 2), at(b, row + 1, lane >> 2));
        }),
      ),
      ...lanes.flatMap((lane) => [0, 1, 2, 3].map((i) => floatBits(at(d, ...placeOf(lane, i))))),
    ];
    const { out, fault } = await run(`mma_${type}`, { threads: 32, input: Uint32Array.from(words) });
    expect(fault).toBe('no fault');
    for (const lane of lanes)
      for (const i of [0, 1, 2, 3]) {
        const [row, column] = placeOf(lane, i);
        let sum = at(d, row, column);
        for (let k = 0; k < 16; k++) sum += at(a, row, k) * at(b, k, column);
        expect(floatOf(out[lane * 4 + i] ?? 0)).toBe(sum);
      }
  });

  it('load matrices, plain and transposed', async () => {
    const halves = Uint16Array.from({ length: 256 }, (_, i) => i * 3 + 1);
    const { out, fault } = await run('matrices', { threads: 32, input: new Uint32Array(halves.buffer) });
    expect(fault).toBe('no fault');
    const at = (i: number, row: number, column: number): number => halves[i * 64 + row * 8 + column] ?? Number.NaN;
    for (const lane of lanes)
      for (const i of [0, 1, 2, 3]) {
        const [g, t] = [lane >> 2, lane % 4];
        expect(out[lane * 4 + i]).toBe((at(i, g, 2 * t) | (at(i, g, 2 * t + 1) << 16)) >>> 0);
        expect(out[128 + lane * 4 + i]).toBe((at(i, 2 * t, g) | (at(i, 2 * t + 1, g) << 16)) >>> 0);
      }
  });
});

it('conversions round to nearest even, keep subnormals, and make one NaN of all', async () => {
  const random = new Random(3);
  const edges = [
    0,
    65504,
    65519.99,
    65520,
    2 ** -14,
    2 ** -24,
    2 ** -25,
    1.5 * 2 ** -25,
    2 ** -26,
    2 ** -133,
    3.4e38,
    1 + 2 ** -11,
  ];
  const floats = [...edges, ...edges.map((edge) => -edge), Number.POSITIVE_INFINITY, Number.NaN, -0];
  const patterns = [...floats.map(floatBits), 0xffc00001, 0x7f800001];
  // Half of the others lie where an f16 is finite.
  while (patterns.length < 512)
    patterns.push(
      patterns.length % 2 === 0
        ? random.integer(0, 2 ** 32)
        : floatBits(random.normal() * 2 ** random.integer(-26, 15)),
    );
  const { out, fault } = await run('conversions', { threads: 512, input: Uint32Array.from(patterns) });
  expect(fault).toBe('no fault');
  for (const [place, pattern] of patterns.entries()) {
    const x = floatOf(pattern);
    const bits = (type: 'bf16' | 'f16'): number => (Number.isNaN(x) ? 0x7fff : toBits(type, x));
    const found = out[place] ?? 0;
    expect([found & 0xffff, found >>> 16], `${x}`).toEqual([bits('bf16'), bits('f16')]);
    expect(floatOf(out[512 + place] ?? 0), `${x}`).toBe(fromBits('f16', found >>> 16));
  }
});

it('bits are counted, turned round and picked', async () => {
  const input = Uint32Array.from({ length: 64 }, (_, i) => (i === 0 ? 0 : 0x9e3779b9 * i));
  const { out } = await run('bits', { input });
  const reversed = (x: number): number => Number.parseInt([...x.toString(2).padStart(32, '0')].reverse().join(''), 2);
  for (const [i, x] of input.entries()) {
    const ones = [...x.toString(2)].filter((bit) => bit === '1').length;
    expect(out[i]).toBe(ones | (Math.clz32(x) << 8) | ((x === 0 ? 0 : 32 - Math.clz32(x & -x)) << 16));
    expect(out[64 + i]).toBe(reversed(x));
    // Byte 0, byte 4 (the second word's lowest), byte 1, byte 5.
    expect(out[128 + i]).toBe(((x & 0xff) | (0xff << 8) | (((x >>> 8) & 0xff) << 16) | (0xee << 24)) >>> 0);
    expect(out[192 + i]).toBe(((0x80000001 << 4) | (x >>> 28)) >>> 0);
    expect(out[256 + i]).toBe(x >>> 16);
  }
});

/** Row and column of element i of a lane's D. */
function placeOf(lane: number, i: number): [number, number] {
  return [(lane >> 2) + (i >> 1) * 8, (lane % 4) * 2 + (i % 2)];
}

const floatBits = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
const floatOf = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0] ?? 0;
