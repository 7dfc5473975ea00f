import { describe, expect, it } from 'vitest';
import { Choices } from './programs/choices.ts';
import { programOf, programOfSeed } from './programs/program.ts';
import { simpler } from './shrink.ts';

describe('random programs', () => {
  it('are functions of their seeds, and of their choices', () => {
    const program = programOfSeed(7, 'one');
    expect(programOfSeed(7, 'one')).toEqual(program);
    expect(programOf(Choices.of(program.choices), 'one')).toEqual(program);
    expect(programOfSeed(8, 'one').source).not.toBe(program.source);
  });

  it('shrink to a program of few words by whatever is left of a fault', () => {
    // As if every program that sums were wrong.
    const isWrong = ({ source }: { readonly source: string }): boolean => source.includes('sum(');
    let best = programOfSeed([...Array(50).keys()].find((seed) => isWrong(programOfSeed(seed))) ?? 0);
    const first = best.source.length;
    for (let found = true; found; ) {
      const next = simpler(best).find((program) => isWrong(program) && program.source.length < best.source.length);
      found = next !== undefined;
      best = next ?? best;
    }
    expect(isWrong(best)).toBe(true);
    expect(best.source.length).toBeLessThan(first);
    expect(best.source.length).toBeLessThan(300);
  });
});
