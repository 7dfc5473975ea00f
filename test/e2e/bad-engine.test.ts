/** Engines that strangers bring, and folders that they name for one: each mistake is named with its mend. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../codegen/manifest.ts';
import { compileModel } from '../../codegen/model.ts';
import { LLM, type LoadOptions } from '../../index.ts';
import { DamagedModels } from '../support/damaged-model.ts';
import { refusal } from '../support/refusal.ts';
import { tinyModel } from '../support/tiny-model.ts';

const models = new DamagedModels();
const folder = mkdtempSync(join(tmpdir(), 'warpsmith-bad-engine-'));
afterAll(() => {
  models.remove();
  rmSync(folder, { recursive: true, force: true });
});

const load = (checkpoint: string, options: LoadOptions = {}) => refusal(() => LLM.load(checkpoint, options));

describe('an engine', () => {
  let built: string;
  beforeAll(async () => {
    built = (await compileModel(tinyModel, { out: join(folder, 'engine') })).directory;
  });

  /** A copy of it with another manifest. */
  function engineWith(change: (manifest: Record<string, unknown>) => void): string {
    const copy = mkdtempSync(join(folder, 'copy-'));
    cpSync(built, copy, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8'));
    change(manifest);
    writeFileSync(join(copy, 'manifest.json'), JSON.stringify(manifest));
    return copy;
  }

  it('for another version of the ABI', async () => {
    const engine = engineWith((manifest) => Object.assign(manifest, { abi: 99 }));
    expect(await load(engine)).toMatch(/speaks version 99 of the ABI[\s\S]*Build it again/);
  });

  it('for another processor', async () => {
    const engine = engineWith((manifest) => Object.assign(manifest, { processorFeatures: ['avx1024'] }));
    expect(await load(engine)).toMatch(/processor with avx1024, which this one lacks[\s\S]*Build it on this machine/);
  });

  it('for another checkpoint', async () => {
    const other = await compileModel(models.folder({ config: { intermediate_size: 512 } }));
    const gate = /mlp\.gate_proj\.weight has the shape \[\d+, 256\]; the model takes \[512, 256\]/;
    expect(await load(tinyModel, { engine: other.directory })).toMatch(gate);
  });

  it.each([
    ['nothing of it', () => ({})],
    ['no library', (manifest: Manifest) => ({ ...manifest, library: undefined })],
    [
      'no values',
      (manifest: Manifest) => ({ ...manifest, programs: [{ ...manifest.programs[0], values: undefined }] }),
    ],
  ])('whose manifest has %s', async (_, part) => {
    const engine = engineWith(() => {});
    const path = join(engine, 'manifest.json');
    writeFileSync(path, JSON.stringify(part(JSON.parse(readFileSync(path, 'utf8')))));
    expect(await load(engine)).toMatch(/holds no manifest\.json of a built engine/);
  });

  it('that is built already follows no options of a build', async () => {
    expect(await load(built, { elements: 'f32', model: 'mine.ts' })).toMatch(
      /elements and model would change how an engine is built[\s\S]*Leave them out/,
    );
    expect(await load(tinyModel, { engine: built, blockSize: 16 })).toMatch(/blockSize would change/);
  });

  it('is no checkpoint that has a manifest.json of another program', async () => {
    const checkpoint = models.folder({ files: { 'manifest.json': '{"name": "a page"}' } });
    await (await LLM.load(checkpoint)).close();
  });

  it('cut short', async () => {
    const engine = engineWith(() => {});
    truncateSync(join(engine, JSON.parse(readFileSync(join(engine, 'manifest.json'), 'utf8')).library), 1000);
    expect(await load(engine)).toMatch(/it has 1000 bytes of \d+[\s\S]*build it again/);
  });

  it('that does not say where its checkpoint is', async () => {
    const engine = engineWith(() => {});
    rmSync(join(engine, 'checkpoint.json'));
    expect(await load(engine)).toMatch(/does not say which checkpoint it was built for/);
  });

  it('of a size that is none', async () => {
    const said = await load(tinyModel, { threads: -2, maxTokens: Number.NaN, kvCacheBytes: 0.5 });
    expect(said).toMatch(/threads is -2.\nmaxTokens is NaN.\nkvCacheBytes is 0.5./);
  });
});

describe('a folder for an engine', () => {
  it('that holds something else is left as it is', async () => {
    const precious = mkdtempSync(join(folder, 'precious-'));
    writeFileSync(join(precious, 'thesis.txt'), 'three years');
    const said = await refusal(() => compileModel(tinyModel, { out: precious }));
    expect(said).toMatch(/is there and holds no engine[\s\S]*empty or not there/);
    expect(readFileSync(join(precious, 'thesis.txt'), 'utf8')).toBe('three years');
  });

  it('that holds the manifest of something else is left as it is', async () => {
    const page = mkdtempSync(join(folder, 'page-'));
    writeFileSync(join(page, 'manifest.json'), '{"name": "My web page", "icons": []}');
    for (const out of [page, join(page, 'manifest.json')])
      expect(await refusal(() => compileModel(tinyModel, { out }))).toMatch(/is there and holds no engine/);
    expect(readFileSync(join(page, 'manifest.json'), 'utf8')).toContain('My web page');
  });

  it.each([
    ['where no folder can be made', '/proc/engine'],
    ['of a name that is too long', join(folder, 'x'.repeat(300))],
  ])('%s is told', async (_, out) => {
    expect(await refusal(() => compileModel(tinyModel, { out }))).toMatch(/cannot be written: E[\s\S]*--out/);
  });

  it('that holds an engine is replaced', async () => {
    const out = join(folder, 'again');
    await compileModel(tinyModel, { out });
    writeFileSync(join(out, 'stale.cpp'), '');
    await compileModel(tinyModel, { out, elements: 'f32' });
    expect(existsSync(join(out, 'stale.cpp'))).toBe(false);
    expect(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).elements.act).toBe('f32');
  });
});
