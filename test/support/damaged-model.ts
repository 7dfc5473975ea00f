/** Copies of the embedded checkpoint with something wrong. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tinyModel } from './tiny-model.ts';

export interface TensorHeader {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export interface Damage {
  /** Files by name, in place of those of the checkpoint; null: not there. */
  readonly files?: Readonly<Record<string, string | Uint8Array | null>>;
  /** Keys over those of config.json. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Changes the header of the weights; returns bytes to add to their data. */
  readonly weights?: (tensors: Record<string, TensorHeader>, dataBytes: number) => number;
}

/** The folder, whose name begins with `name`; `remove` takes all of them away. */
export class DamagedModels {
  readonly #root = mkdtempSync(join(tmpdir(), 'warpsmith-damaged-'));

  folder(damage: Damage, name = 'model'): string {
    const folder = mkdtempSync(join(this.#root, name));
    const files = { ...damage.files };
    if (damage.config !== undefined)
      files['config.json'] = JSON.stringify({ ...tinyJson('config.json'), ...damage.config });
    if (damage.weights !== undefined) files['model.safetensors'] = damagedWeights(damage.weights);
    for (const entry of readdirSync(tinyModel, { withFileTypes: true }))
      if (entry.isFile() && !(entry.name in files)) symlinkSync(join(tinyModel, entry.name), join(folder, entry.name));
    for (const [file, content] of Object.entries(files))
      if (content !== null) writeFileSync(join(folder, file), content);
    return folder;
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

export function tinyJson(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(tinyModel, name), 'utf8'));
}

function damagedWeights(change: NonNullable<Damage['weights']>): Uint8Array {
  const file = readFileSync(join(tinyModel, 'model.safetensors'));
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes));
  const data = file.subarray(8 + headerBytes);
  const added = change(header, data.length);
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, data, Buffer.alloc(added)]);
}
