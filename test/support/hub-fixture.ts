/** A hub with a small repository and an empty cache, for one test. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DownloadEvent } from '../../runtime/hub/events.ts';
import type { HubSettings } from '../../runtime/hub/settings.ts';
import { fetchSnapshot, type SnapshotOptions } from '../../runtime/hub/snapshot.ts';
import { type HubServer, startHub } from './hub-server.ts';

export const repository = 'stories/tiny';
export const weightBytes = Buffer.alloc(300_000, 'weights of no model at all. ');

/** Bytes are not read by what fetches them, so that any will do. */
export const repositoryFiles = (): Map<string, Buffer> =>
  new Map([
    ['.gitattributes', Buffer.from('*.safetensors filter=lfs')],
    ['README.md', Buffer.from('# A model')],
    ['config.json', Buffer.from('{"architectures": ["Qwen3ForCausalLM"]}')],
    ['generation_config.json', Buffer.from('{}')],
    ['tokenizer.json', Buffer.from('{"model": {}}')],
    ['vocab.json', Buffer.from('{"a": 0}')],
    ['model.safetensors', weightBytes],
    ['pytorch_model.bin', Buffer.from('a pickled program')],
  ]);

export interface HubFixture {
  readonly hub: HubServer;
  readonly settings: HubSettings;
  /** The repository's folder in the cache. */
  readonly folder: string;
  readonly events: DownloadEvent[];
  /** fetchSnapshot with these settings, or some in place of them. */
  fetch(options?: SnapshotOptions, settings?: Partial<HubSettings>): Promise<string>;
  notes(): readonly string[];
  /** Names below a folder of the repository's. */
  list(folder: string): readonly string[];
}

export async function hubFixture(files = repositoryFiles()): Promise<HubFixture> {
  const hub = await startHub(repository, files);
  const home = mkdtempSync(join(tmpdir(), 'warpsmith-hub-'));
  onTestFinished(async () => {
    await hub.close();
    rmSync(home, { recursive: true, force: true });
  });
  const cacheDirectory = join(home, 'hub');
  const settings: HubSettings = {
    endpoint: hub.url,
    token: null,
    cacheDirectory,
    isOffline: false,
    metadataTimeoutMs: 2_000,
    transferTimeoutMs: 2_000,
    retryDelayMs: 1,
    staleLockMs: 2_000,
  };
  const folder = join(cacheDirectory, 'models--stories--tiny');
  const events: DownloadEvent[] = [];
  const onDownload = (event: DownloadEvent) => events.push(event);
  return {
    hub,
    settings,
    folder,
    events,
    fetch: (options, others) =>
      fetchSnapshot(repository, { onDownload, ...options, settings: { ...settings, ...others } }),
    notes: () => events.flatMap((event) => (event.kind === 'note' ? [event.text] : [])),
    list: (name) => readdirSync(join(folder, name)).sort(),
  };
}
