/** A plan of memory that holds, and one broken in each way that the verifier names. */
import { beforeAll, expect, it } from 'vitest';
import { verifyPlan } from '../../../codegen/ir/verify-plan.ts';
import type { MemoryEntry } from '../../../codegen/plan/plan.ts';
import { type Compiled, compileSmall } from './bound-program.ts';

let small: Compiled;
beforeAll(async () => {
  small = await compileSmall();
});

function verifyWith(change: (entries: readonly MemoryEntry[]) => readonly MemoryEntry[], slots = small.plan.slots) {
  return verifyPlan(small.program, small.kernels, { entries: change(small.plan.entries), slots });
}

const replace = (key: string, change: Partial<MemoryEntry>) =>
  verifyWith((entries) => entries.map((entry) => (entry.key === key ? { ...entry, ...change } : entry)));

it('what plan leaves holds, and shares a slot', () => {
  expect(verifyWith((entries) => entries)).toEqual([]);
  expect(small.plan.entries.filter(({ slot }) => slot === 0).map(({ key }) => key)).toEqual(['%5', '%13']);
});

it('values that live at once share no slot: one dies where the next is read', () => {
  expect(replace('%10', { slot: 0 })).toEqual([
    '%5 and %10 live at once in slot 0',
    '%10 and %13 live at once in slot 0',
  ]);
});

it('every value that a kernel touches has one entry', () => {
  expect(verifyWith((entries) => entries.filter(({ key }) => key !== '%10'))).toEqual([
    '%10 is touched by a kernel and has no memory',
  ]);
  expect(verifyWith((entries) => entries.filter(({ key }) => key !== '%15'))).toContain('the result y has no memory');
  expect(verifyWith((entries) => [...entries, ...entries.slice(0, 1)])).toEqual(['a value has two entries']);
});

it('an entry is of the kind of its value, and only the arena has slots', () => {
  expect(replace('%15', { kind: 'arena', slot: 1 })).toEqual(['%15 is result and planned as arena']);
  expect(replace('%13', { slot: 2 })).toEqual(['%13 is arena and has slot 2']);
  expect(replace('%0', { slot: 0 })).toEqual(['%0 is input and has slot 0']);
});

it('memory belongs to values of the program that share no other', () => {
  const extra = (key: string): MemoryEntry => ({ key, kind: 'arena', slot: 1 });
  expect(verifyWith((entries) => [...entries, extra('%99')])).toEqual([
    '%99 has memory and is no value of the program',
  ]);
  expect(verifyWith((entries) => [...entries, extra('%7')])).toEqual([
    '%7 has memory of its own and shares that of %5',
  ]);
});
