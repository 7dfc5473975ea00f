/**
 * A checkpoint of random weights for a config.json, so that any shape can be run without a download. Values are drawn from
 * Philox keyed by tensor name and index: the same config and seed give the same file on every machine.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cached, contentHash } from '../codegen/build/cache.ts';
import { modelGraph } from '../codegen/model.ts';
import type { Graph } from '../dsl/lang/graph.ts';
import { uniform } from '../dsl/lang/philox.ts';
import { roundTo } from '../dsl/lang/rounding.ts';
import { nativeProgram } from './native-program.ts';

interface RandomTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A folder of the cache with config.json and model.safetensors, written when first asked for. */
export async function randomCheckpoint(configText: string, seed: number): Promise<string> {
  const tensors = checkpointTensors((await modelGraph(configText)).graph);
  const generator = await nativeProgram('random-weights');
  const lines = tensors.map((tensor) => {
    const { offset, spread } = distribution(tensor);
    return `${tensorSeed(seed, tensor.name)} ${elementCount(tensor)} ${offset} ${spread}\n`;
  });
  const key = contentHash('checkpoint', configText, ...lines, generator);
  const { path } = await cached('bench', key, async (folder) => {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'model.safetensors');
    writeFileSync(file, safetensorsHeader(tensors));
    await execa(generator, [file], { input: lines.join('') });
    writeFileSync(join(folder, 'config.json'), configText);
  });
  return path;
}

/** Element `index` of a tensor, as the generator writes it: what bench/native/random-weights.cpp is tested against. */
export function randomValue(tensor: RandomTensor, seed: number, index: number): number {
  const { offset, spread } = distribution(tensor);
  const high = Math.floor(index / 2 ** 32);
  const centred = 2 * uniform(tensorSeed(seed, tensor.name), high, index % 2 ** 32) - 1;
  return roundTo('bf16', Math.fround(offset + Math.fround(spread * centred)));
}

/**
 * Matrices [rows, columns] have variance 1 / columns, so that a product keeps the size of its input; vectors, which scale,
 * lie around 1. The last norm's lie around 4, so that logits do and a few tokens have most of the probability.
 */
function distribution({ name, shape }: RandomTensor): { readonly offset: number; readonly spread: number } {
  const [, columns] = shape;
  if (name === 'model.norm.weight') return { offset: 4, spread: 0.5 };
  return columns === undefined
    ? { offset: 1, spread: 0.125 }
    : { offset: 0, spread: Math.fround(Math.sqrt(3 / columns)) };
}

function tensorSeed(seed: number, name: string): number {
  return createHash('sha256').update(`${seed}\n${name}`).digest().readInt32LE(0);
}

/** What the graph loads, in the order of its first use; a vector is a tensor of one row in its segments. */
export function checkpointTensors(graph: Graph): readonly RandomTensor[] {
  const tensors = new Map<string, RandomTensor>();
  for (const { source, shape } of graph.values) {
    if (source.kind !== 'checkpoint') continue;
    for (const { tensor, totalRows, totalColumns } of source.segments) {
      tensors.set(tensor, {
        name: tensor,
        shape: shape.length === 1 ? [totalRows * totalColumns] : [totalRows, totalColumns],
      });
    }
  }
  return [...tensors.values()];
}

/** The format: the header's length as u64, then JSON, padded so that the data begins at a multiple of 64 bytes. */
function safetensorsHeader(tensors: readonly RandomTensor[]): Buffer {
  let end = 0;
  const entries = tensors.map((tensor) => {
    const begin = end;
    end += elementCount(tensor) * 2;
    return [tensor.name, { dtype: 'BF16', shape: tensor.shape, data_offsets: [begin, end] }] as const;
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  const padded = json.padEnd(Math.ceil((json.length + 8) / 64) * 64 - 8);
  const header = Buffer.alloc(8 + padded.length);
  header.writeBigUInt64LE(BigInt(padded.length));
  header.write(padded, 8, 'latin1');
  return header;
}

function elementCount({ shape }: RandomTensor): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
