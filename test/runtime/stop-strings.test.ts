import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopStrings } from '../../runtime/stop-strings.ts';

describe('StopStrings', () => {
  it('holds back what could be the beginning of a stop string', () => {
    const stops = new StopStrings(['###']);
    expect(stops.push('a#')).toEqual({ text: 'a', matched: null });
    expect(stops.push('#b')).toEqual({ text: '##b', matched: null });
    expect(stops.push('##')).toEqual({ text: '', matched: null });
    expect(stops.push('#c')).toEqual({ text: '', matched: '###' });
  });

  it('gives back what it held when the output ends', () => {
    const stops = new StopStrings(['###']);
    stops.push('a##');
    expect(stops.end()).toBe('##');
  });

  it('lets everything through without stop strings', () => {
    expect(new StopStrings([]).push('text')).toEqual({ text: 'text', matched: null });
  });

  it('cuts at the first stop string, whatever the pieces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 20 });
    const stop = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
    const property = fc.property(text, fc.array(fc.nat(3), { maxLength: 20 }), stop, (whole, cuts, pattern) => {
      const stops = new StopStrings([pattern]);
      let rest = whole;
      let printed = '';
      let matched: string | null = null;
      for (const cut of [...cuts, whole.length]) {
        if (matched !== null) break;
        const piece = stops.push(rest.slice(0, cut));
        rest = rest.slice(cut);
        printed += piece.text;
        matched = piece.matched;
      }
      const at = whole.indexOf(pattern);
      expect(matched).toBe(at < 0 ? null : pattern);
      expect(at < 0 ? printed + stops.end() : printed).toBe(at < 0 ? whole : whole.slice(0, at));
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
