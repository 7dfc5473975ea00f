/** Files with a few bytes changed, for fuzzers of what reads them. */
import fc from 'fast-check';

/** At a place, modulo the file’s length. */
export type Mutation =
  | { readonly kind: 'overwrite' | 'insert'; readonly place: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove' | 'repeat'; readonly place: number; readonly length: number }
  | { readonly kind: 'cut'; readonly place: number };

export function mutated(bytes: Buffer, mutation: Mutation): Buffer {
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

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: kind('overwrite'), place, bytes: fc.uint8Array({ minLength: 1, maxLength: 2 }) }),
  fc.record({ kind: kind('overwrite'), place, bytes: fc.oneof(word(4), word(8)) }),
  fc.record({ kind: kind('insert'), place, bytes: fc.uint8Array({ maxLength: 16 }) }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'repeat' as const), place, length }),
  fc.record({ kind: kind('cut'), place }),
);
