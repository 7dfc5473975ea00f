/** Random weights, which both sides make for themselves: the file that C++ writes against its formula in TypeScript. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkpointTensors, randomCheckpoint, randomValue } from '../../bench/random-checkpoint.ts';
import { modelGraph, readConfigText } from '../../codegen/model.ts';
import { readSafetensorsHeader } from '../../runtime/safetensors.ts';
import { tinyModel } from '../support/tiny-model.ts';

it('writes the values that the formula has, to the bit', async () => {
  const config = readConfigText(tinyModel);
  const file = join(await randomCheckpoint(config, 7), 'model.safetensors');
  const header = await readSafetensorsHeader(file);
  const bytes = readFileSync(file);
  for (const tensor of checkpointTensors((await modelGraph(config)).graph)) {
    const place = header.tensors.get(tensor.name);
    if (place === undefined) throw new Error(`${tensor.name} is not in the file`);
    const count = tensor.shape.reduce((product, extent) => product * extent, 1);
    const indices = [0, 1, 2, 3, 4, count - 1, Math.floor(count / 3)];
    const found = indices.map((index) => bf16At(bytes, place.byteOffset + 2 * index));
    expect(found, tensor.name).toEqual(indices.map((index) => randomValue(tensor, 7, index)));
  }
});

function bf16At(bytes: Buffer, offset: number): number {
  return new Float32Array(Uint32Array.of(bytes.readUInt16LE(offset) << 16).buffer)[0] ?? Number.NaN;
}
