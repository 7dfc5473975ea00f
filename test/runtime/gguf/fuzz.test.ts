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
import { ggufBytes } from '../../support/gguf-file.ts';
import { miniGguf } from '../../support/gguf-mini.ts';

const seconds = Number(process.env.WARPSMITH_FUZZ_SECONDS ?? 0);
const limits =
  seconds > 0
    ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 500, seed: Date.now() }
    : { numRuns: 800, interruptAfterTimeLimit: 10_000, seed: 20261126 };

/** At a place, modulo the file's length. */
type Mutation =
  | { readonly kind: 'overwrite' | 'insert'; readonly place: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove' | 'repeat'; readonly place: number; readonly length: number }
  | { readonly kind: 'cut'; readonly place: number };

function mutated(bytes: Buffer, mutation: Mutation): Buffer {
  const start = mutation.place % Math.max(1, bytes.length);
  const before = bytes.subarray(0, start);
  switch (mutation.kind) {
    case 'overwrite':
      return Buffer.concat([before, mutation.bytes, bytes.subarray(start + mutation.bytes.length)]);
    case 'insert':
      return Buffer.concat([before, mutation.bytes, bytes.subarray(start)]);
    case 'remove':
      return Buffer.concat([before, bytes.subarray(start + mutation.length)]);
    case 'repeat':
      return Buffer.concat([bytes.subarray(0, start + mutation.length), bytes.subarray(start)]);
    case 'cut':
      return Buffer.from(before);
  }
}

/** Numbers at which readers break: edges of signed and unsigned words, and sizes about those of the file. */
const hostile = [
  0n,
  1n,
  2n,
  8n,
  31n,
  32n,
  33n,
  127n,
  255n,
  256n,
  2n ** 16n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 60n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Half of the places are in the header and the list of tensors' first bytes, where lengths lie close together. */
const place = fc.oneof(fc.nat(200), fc.nat(1 << 20));
const length = fc.nat(64);
const word = (size: 4 | 8) =>
  fc.constantFrom(...hostile).map((value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    return new Uint8Array(bytes.subarray(0, size));
  });
const kind = <K extends Mutation['kind']>(name: K) => fc.constant(name);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: kind('overwrite'), place, bytes: fc.uint8Array({ minLength: 1, maxLength: 2 }) }),
  fc.record({ kind: kind('overwrite'), place, bytes: fc.oneof(word(4), word(8)) }),
  fc.record({ kind: kind('insert'), place, bytes: fc.uint8Array({ maxLength: 16 }) }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'repeat' as const), place, length }),
  fc.record({ kind: kind('cut'), place }),
);

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
      await fc.assert(property, limits);
      // Most mutations meet a check; some meet what a model may have in another way, such as a token's spelling.
      expect(refused).toBeGreaterThan(taken);
      expect(taken).toBeGreaterThan(10);
      expect(process.memoryUsage.rss() - residentBytes).toBeLessThan(600 * 2 ** 20);
    },
    120_000 + seconds * 1000,
  );
});
