/**
 * Mutated safetensors and config.json: each is refused in words or is what it says, in bounded time. Longer with
 * WARPSMITH_FUZZ_SECONDS. (GGUF: test/runtime/gguf/fuzz.test.ts.)
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { models, parseConfig } from '../../dsl/models/index.ts';
import { WarpsmithError } from '../../runtime/errors.ts';
import { readSafetensorsHeader } from '../../runtime/safetensors.ts';
import { writeSafetensors } from '../support/checkpoint-files.ts';
import { budget, fuzzSeconds } from '../support/fuzz-budget.ts';
import { mutated, mutation } from '../support/mutated-bytes.ts';
import { tinyModel } from '../support/tiny-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'warpsmith-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const limit = 120_000 + 1000 * fuzzSeconds;

test(
  'mutated safetensors are refused, or every byte of their data is one tensor’s',
  async () => {
    const file = join(folder, 'mutated.safetensors');
    const tensor = (...shape: number[]) => ({ shape, values: new Array(shape.reduce((a, b) => a * b, 1)).fill(1) });
    writeSafetensors(
      file,
      { 'model.norm.weight': tensor(8), 'model.embed_tokens.weight': tensor(4, 8), bias: tensor(2, 2, 2) },
      'bf16',
    );
    const whole = readFileSync(file);
    const seen = { taken: 0, refused: 0 };
    const property = fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
      const bytes = mutations.reduce<Buffer>(mutated, whole);
      writeFileSync(file, bytes);
      const started = performance.now();
      const { tensors, problems } = await readSafetensorsHeader(file);
      expect(performance.now() - started).toBeLessThan(5000);
      for (const { message, mend } of problems) {
        expect(message.length).toBeLessThan(4000);
        expect(mend).not.toBe('');
      }
      if (problems.length > 0) {
        seen.refused += 1;
        return;
      }
      seen.taken += 1;
      const data = bytes.length - 8 - Number(bytes.readBigUInt64LE(0));
      const ranges = [...tensors.values()].map(({ byteOffset, byteLength }) => [byteOffset, byteOffset + byteLength]);
      expect(ranges.reduce((sum, [from = 0, to = 0]) => sum + to - from, 0)).toBe(data);
      expect(ranges.every(([from = 0, to = 0]) => from >= bytes.length - data && to <= bytes.length)).toBe(true);
    });
    await fc.assert(property, budget(1500, 0.5));
    expect(seen.refused).toBeGreaterThan(seen.taken);
    expect(seen.taken).toBeGreaterThan(10);
  },
  limit,
);

const config: Record<string, unknown> = JSON.parse(readFileSync(join(tinyModel, 'config.json'), 'utf8'));

/** What people and damage put where a number or a name belongs. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    -1,
    1,
    2,
    3,
    4,
    6,
    8,
    64,
    1.5,
    1e-6,
    1e300,
    2 ** 31,
    2 ** 53,
    -0,
    null,
    true,
    '',
    '256',
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    'silu',
    'relu',
    'linear',
    'yarn',
    ['Qwen3ForCausalLM'],
    ['LlamaForCausalLM'],
    ['__proto__'],
    [null],
  ),
  fc.record({
    rope_type: fc.constantFrom('default', 'linear', 'llama3', 'yarn', '__proto__'),
    factor: fc.constantFrom(0, 1, 8, '8'),
  }),
  fc.jsonValue({ maxDepth: 2 }),
);
const key = fc.oneof(
  fc.constantFrom(...Object.keys(config)),
  fc.constantFrom(
    'head_dim',
    'rope_scaling',
    'rope_parameters',
    'num_key_value_heads',
    'layer_types',
    'auto_map',
    '__proto__',
    'constructor',
  ),
);

test(
  'mutated configs are refused, or are models that can be traced',
  () => {
    const seen = { taken: 0, refused: 0 };
    const property = fc.property(fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 3 }), (changes) => {
      // As a file would hold it.
      const json = JSON.parse(JSON.stringify({ ...config, num_hidden_layers: 1, ...Object.fromEntries(changes) }));
      const parsed = parseConfig(json);
      if (!parsed.ok) {
        seen.refused += 1;
        for (const { message, mend } of parsed.errors) {
          expect(message.length).toBeLessThan(400);
          expect(mend).not.toBe('');
        }
        return;
      }
      seen.taken += 1;
      const { architecture, numHeads, numKvHeads, headDim, numLayers } = parsed.config;
      expect([numHeads % numKvHeads, headDim % 2]).toEqual([0, 0]);
      if (numLayers > 64) return;
      const model = Object.hasOwn(models, architecture) ? models[architecture] : undefined;
      if (model !== undefined) expect(model(parsed.config).calls.length).toBeGreaterThan(10);
    });
    fc.assert(property, budget(1500, 0.5));
    expect(seen.refused).toBeGreaterThan(100);
    expect(seen.taken).toBeGreaterThan(100);
  },
  limit,
);

test(
  'what is no JSON is refused in words',
  async () => {
    const text = readFileSync(join(tinyModel, 'config.json'));
    const { readJsonObject } = await import('../../runtime/json-file.ts');
    const file = join(folder, 'config.json');
    const property = fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
      writeFileSync(file, mutations.reduce<Buffer>(mutated, text));
      try {
        parseConfig(await readJsonObject(file));
      } catch (error) {
        if (!(error instanceof WarpsmithError)) throw error;
        expect(error.message).toContain('config.json');
      }
    });
    await fc.assert(property, budget(500, 0.25));
  },
  limit,
);
