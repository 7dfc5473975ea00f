/** Checkpoints that tests write: safetensors files of given or random tensors, with or without an index. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FloatType } from '../../dsl/lang/rounding.ts';
import type { Random } from '../../verify/random.ts';
import { product, toStorage } from '../../verify/tensors.ts';

export interface TensorFile {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

const dtypes = { bf16: 'BF16', f16: 'F16', f32: 'F32' } as const;

/** Layout: u64 little-endian header size, the header's JSON, the tensors' bytes in the header's order. */
export function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, TensorFile>>,
  storage: FloatType,
): void {
  let end = 0;
  const header: Record<string, unknown> = {};
  const data = Object.entries(tensors).map(([name, { shape, values }]) => {
    if (values.length !== product(shape)) throw new Error(`${name} has ${values.length} values`);
    const bits = toStorage(storage, values);
    header[name] = { dtype: dtypes[storage], shape, data_offsets: [end, end + bits.byteLength] };
    end += bits.byteLength;
    return Buffer.from(bits.buffer, bits.byteOffset, bits.byteLength);
  });
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path, Buffer.concat([size, json, ...data]));
}

/** One model.safetensors, or as many files as `files` says and the index that tells which tensor is where. */
export function writeWeights(
  directory: string,
  tensors: Readonly<Record<string, TensorFile>>,
  storage: FloatType,
  files = 1,
): void {
  mkdirSync(directory, { recursive: true });
  if (files === 1) {
    writeSafetensors(join(directory, 'model.safetensors'), tensors, storage);
    return;
  }
  const names = Object.keys(tensors);
  const weightMap: Record<string, string> = {};
  for (let file = 0; file < files; file++) {
    const name = `model-${String(file + 1).padStart(5, '0')}-of-${String(files).padStart(5, '0')}.safetensors`;
    const own = names.filter((_, place) => place % files === file);
    for (const tensor of own) weightMap[tensor] = name;
    const part = Object.fromEntries(own.flatMap((tensor) => (tensors[tensor] ? [[tensor, tensors[tensor]]] : [])));
    writeSafetensors(join(directory, name), part, storage);
  }
  writeFileSync(
    join(directory, 'model.safetensors.index.json'),
    JSON.stringify({ metadata: {}, weight_map: weightMap }),
  );
}

/** Normal noise of the given deviation. */
export function randomTensor(random: Random, shape: readonly number[], deviation: number, mean = 0): TensorFile {
  return { shape, values: Float64Array.from({ length: product(shape) }, () => mean + deviation * random.normal()) };
}
