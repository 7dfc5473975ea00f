/** A misspelt part is refused where the model is traced: nobody has shown an author's file to a type checker. */
import { expect, it } from 'vitest';
import { requireKnownParts } from '../../../dsl/models/known-parts.ts';

it('a part that there is not is named, with those that there are', () => {
  expect(() => requireKnownParts('selfAttention', { headNorms: true, attention: 1 }, ['headNorms', 'attend'])).toThrow(
    expect.objectContaining({
      code: 'part-unknown',
      message: expect.stringContaining('no part attention'),
      mend: 'Its parts are headNorms, attend.',
    }),
  );
  expect(() => requireKnownParts('selfAttention', { headNorms: true }, ['headNorms', 'attend'])).not.toThrow();
});
