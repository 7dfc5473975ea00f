/**
 * Mutated GGUF files: each is refused with a WarpsmithError or is a whole model whose tensors are those of the original, in bounded
 * time and memory. WARPSMITH_FUZZ_SECONDS runs it for longer, from a seed of the day.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WarpsmithError } from '../../../runtime/errors.ts';
import { openModel } from '../../../runtime/open-model.ts';
import { budget, fuzzSeconds } from '../../support/fuzz-budget.ts';
import { ggufBytes } from '../../support/gguf-file.ts';
import { miniGguf } from '../../support/gguf-mini.ts';
import { mutated, mutation } from '../../support/mutated-bytes.ts';

/** What no mutation of one place can change and leave a model. */
function essence({ config, weights }: Awaited<ReturnType<typeof openModel>>) {
  const {
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    vocab_size: vocab,
  } = config;
  const tensors = [...weights.tensors].map(([name, { dtype, ...location }]) => {
    // F16 and BF16 take the same bytes.
    return [name, { ...location, dtype: dtype === 'F16' ? 'BF16' : dtype }];
  });
  return { hidden, inner, layers, heads, vocab, tensors };
}

describe.each(['qwen3', 'llama'] as const)('mutated files of %s', (architecture) => {
  it(
    'are refused in words or are models',
    async () => {
      const whole = ggufBytes(miniGguf(architecture));
      const file = join(mkdtempSync(join(tmpdir(), 'fuzz-')), 'mutated.gguf');
      writeFileSync(file, whole);
      const original = essence(await openModel(file));
      const residentBytes = process.memoryUsage.rss();
      let taken = 0;
      let refused = 0;
      const property = fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        writeFileSync(file, mutations.reduce<Buffer>(mutated, whole));
        const started = performance.now();
        try {
          expect(essence(await openModel(file))).toEqual(original);
          taken += 1;
        } catch (error) {
          if (!(error instanceof WarpsmithError)) throw error;
          expect(error.message.length).toBeLessThan(4000);
          expect(error.mend).not.toBe('');
          refused += 1;
        }
        expect(performance.now() - started).toBeLessThan(5000);
      });
      await fc.assert(property, budget(800, 0.5));
      // Most mutations meet a check; some meet what a model may have in another way, such as a token's spelling.
      expect(refused).toBeGreaterThan(taken);
      expect(taken).toBeGreaterThan(10);
      expect(process.memoryUsage.rss() - residentBytes).toBeLessThan(600 * 2 ** 20);
    },
    120_000 + fuzzSeconds * 1000,
  );
});
