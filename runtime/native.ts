/** The C ABI of a built library through koffi: types, checks at load, and one error path. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import type { Manifest, ManifestKernel } from '../codegen/manifest.ts';
import { WarpsmithError } from './errors.ts';
import { declare, type FileRows, type Functions, type Pointer, packFileRows } from './native-functions.ts';

/** The version of templates/host/lib/warpsmith.h that this runtime speaks. */
const ABI_VERSION = 3;
const CANCELLED = -2;
const UNDER_WAY = 1;

/** A built library, opened: its manifest, and instances of its programs. `openLibrary` makes one. */
export interface NativeLibrary {
  /** What it says of itself: its programs, their counts and values. */
  readonly manifest: Manifest;
  /** The folder that it lies in. */
  readonly directory: string;
  /**
   * An instance of the program at this place of the manifest, for `threads` threads (0: one a physical core), the largest value of each of
   * its counts, and a cache of `numBlocks` blocks.
   *
   * @throws WarpsmithError `engine-failed` for memory that cannot be had, and for a driver or a GPU that is not there.
   */
  create(
    program: number,
    threads: number,
    capacities: Int32Array,
    blocksPerSequence: number,
    numBlocks: number,
  ): NativeEngine;
}

/** Memory that lives as long as the engine; `bytes` of it as an ArrayBuffer. */
export interface NativeEngine {
  mapFile(path: string): number;
  /** Rows behind those loaded before, in the file's order or (`order`) one number of a row each. */
  loadWeight(value: number, rows: number, columns: number, from: FileRows, order: Int32Array | null): void;
  bind(value: number, data: ArrayBufferView): void;
  write(value: number, offsetBytes: number, data: ArrayBufferView): void;
  read(value: number, offsetBytes: number, data: ArrayBufferView): void;
  /** Steps whose results are kept. */
  readonly ringSlots: number;
  /** Starts a step behind those under way; its ticket. The descriptor has been read when it returns. */
  submit(descriptor: Int32Array): number;
  /** Settles when the step has ended, in a later turn of the event loop. */
  wait(ticket: number): Promise<void>;
  /** A view of the memory where steps of a slot leave a small result; null for others. Not to be used after `close`. */
  result(slot: number, value: number, bytes: number): ArrayBuffer | null;
  /** `submit` and `wait` on the calling thread; the ticket. */
  stepSync(descriptor: Int32Array): number;
  launch(descriptor: Int32Array): void;
  cancel(): void;
  stats(): { readonly steps: number; readonly launches: number; readonly nanoseconds: number };
  capacity(): {
    readonly threads: number;
    readonly arenaBytes: number;
    readonly scratchBytes: number;
    readonly stateBytes: number;
  };
  /** Switches timing; returns nanoseconds a kernel so far. */
  timings(on: boolean, kernels: number): readonly number[];
  /** Frees the engine; while a step is waited for, once that has ended. */
  close(): void;
}

/** Thrown by a step that `cancel` cut short. */
export class StepCancelled extends Error {}

let stacksConfigured = false;

/**
 * Loads the library of an engine's folder.
 *
 * @throws WarpsmithError `engine-invalid` for a folder that holds none or parts of one, `engine-mismatch` for one of another version of the
 * ABI or with instructions that this processor lacks; its `create` throws `engine-failed`.
 */
export function openLibrary(directory: string): NativeLibrary {
  const manifest = readManifest(directory);
  if (manifest.target === 'cpu') checkProcessor(manifest);
  if (!stacksConfigured) {
    // Kernels keep blocks of rows on the stack, more than koffi's own default allows. To be set before the first load.
    koffi.config({ sync_stack_size: 8 << 20, async_stack_size: 8 << 20 });
    stacksConfigured = true;
  }
  const functions = load(join(directory, manifest.library), manifest.libraryBytes);
  const version = functions.abiVersion();
  if (version !== ABI_VERSION) throw wrongVersion(directory, version);
  return {
    manifest,
    directory,
    create: (program, threads, capacities, blocksPerSequence, numBlocks) => {
      const handle = functions.create(program, threads, capacities, blocksPerSequence, numBlocks);
      if (!handle)
        throw new WarpsmithError({
          code: 'engine-failed',
          message: functions.lastError(null),
          mend: CREATE_MENDS[manifest.target],
        });
      return engineOf(functions, handle, manifest.programs[program]?.kernels ?? []);
    },
  };
}

const CREATE_MENDS = {
  cpu: 'Ask for fewer tokens, sequences or cache blocks, or free memory.',
  cuda:
    'Run it where an NVIDIA GPU and its driver are (`warpsmith doctor` tells what is here), build for the CPU (--target cpu), or, ' +
    'where memory is short, ask for fewer tokens, sequences or cache blocks.',
} as const;

/** The loader of a system maps what is not there, and dies of it: a file that was cut short is refused before. */
function load(path: string, bytes: number | undefined): Functions {
  try {
    const { size } = statSync(path);
    if (bytes !== undefined && size !== bytes) throw new Error(`it has ${size} bytes of ${bytes}`);
    return declare(koffi.load(path));
  } catch (error) {
    throw new WarpsmithError({
      code: 'engine-invalid',
      message: `${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}.`,
      mend: 'Remove the folder that it is in, and build it again.',
    });
  }
}

function readManifest(directory: string): Manifest {
  try {
    const manifest: Manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    if (typeof manifest.abi === 'number' && manifest.abi !== ABI_VERSION) throw wrongVersion(directory, manifest.abi);
    if (isWhole(manifest)) return manifest;
    throw new Error('parts of it are missing');
  } catch (error) {
    if (error instanceof WarpsmithError) throw error;
    throw new WarpsmithError({
      code: 'engine-invalid',
      message: `${directory} holds no manifest.json of a built engine.`,
      mend: 'Build one: warpsmith build MODEL --out DIR.',
    });
  }
}

/** Of an engine that was written or copied in part. */
function isWhole({ abi, library, processorFeatures, programs }: Partial<Manifest>): boolean {
  const lists = [
    processorFeatures,
    programs,
    ...(programs ?? []).flatMap((one) => [one.counts, one.values, one.kernels]),
  ];
  return typeof abi === 'number' && typeof library === 'string' && lists.every(Array.isArray);
}

function wrongVersion(directory: string, version: number): WarpsmithError {
  return new WarpsmithError({
    code: 'engine-mismatch',
    message: `the engine in ${directory} speaks version ${version} of the ABI, this runtime version ${ABI_VERSION}`,
    mend: 'Build it again with this version of warpsmith.',
  });
}

function checkProcessor(manifest: Manifest): void {
  const flags = processorFlags();
  if (flags === null) return;
  const missing = manifest.processorFeatures.filter((feature) => !flags.has(feature));
  if (missing.length === 0) return;
  throw new WarpsmithError({
    code: 'engine-mismatch',
    message: `the engine was built for a processor with ${missing.join(', ')}, which this one lacks`,
    mend: 'Build it on this machine.',
  });
}

function processorFlags(): ReadonlySet<string> | null {
  try {
    const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
    return line === undefined ? null : new Set(line.split(' '));
  } catch {
    return null;
  }
}

/** `; silu-mul.ts:12`, the lines of the author's source that a kernel came of. */
function placesOf(kernel: ManifestKernel | undefined): string {
  return kernel === undefined || kernel.lines.length === 0 ? '' : `; ${kernel.lines.join(', ')}`;
}

function engineOf(functions: Functions, handle: Pointer, kernels: readonly ManifestKernel[]): NativeEngine {
  /** Buffers bound to values: native code holds their addresses, so they must not be collected. */
  const held = new Map<number, ArrayBufferView>();
  /** Waits of other threads, which use the engine. */
  let waiting = 0;
  let closes = false;
  const check = (status: number): number => {
    if (status === CANCELLED) throw new StepCancelled('the step was cancelled');
    if (status < 0)
      throw new WarpsmithError({
        code: 'engine-failed',
        message: `${functions.lastError(handle)}${placesOf(kernels[functions.failedLaunch(handle)])}`,
        mend: 'See the message; the batch or the files do not fit the engine.',
      });
    return status;
  };
  const numbers = (count: number, fill: (out: BigInt64Array) => void): readonly number[] => {
    const out = new BigInt64Array(count);
    fill(out);
    return [...out].map(Number);
  };
  return {
    mapFile: (path) => check(functions.mapFile(handle, path)),
    loadWeight: (value, rows, columns, from, order) => {
      check(functions.loadWeight(handle, value, rows, columns, packFileRows(from), order));
    },
    bind: (value, data) => {
      held.set(value, data);
      check(functions.bind(handle, value, data));
    },
    write: (value, offset, data) => {
      check(functions.write(handle, value, offset, data, data.byteLength));
    },
    read: (value, offset, data) => {
      check(functions.read(handle, value, offset, data, data.byteLength));
    },
    ringSlots: functions.ringSlots(),
    submit: (descriptor) => check(functions.submit(handle, descriptor)),
    wait: (ticket) =>
      new Promise((resolve, reject) => {
        waiting += 1;
        const settle = (): void => {
          try {
            check(functions.poll(handle, ticket));
            resolve();
          } catch (failure) {
            reject(failure);
          }
          waiting -= 1;
          if (closes && waiting === 0) functions.destroy(handle);
        };
        // Handing the wait to another thread costs more than a step of a small model: not where there is nothing to wait for.
        if (functions.poll(handle, ticket) === UNDER_WAY) functions.waitAsync(handle, ticket, settle);
        else setImmediate(settle);
      }),
    result: (slot, value, bytes) => {
      const memory = functions.result(handle, slot, value);
      return memory ? koffi.view(memory, bytes) : null;
    },
    stepSync: (descriptor) => check(functions.step(handle, descriptor)),
    launch: (descriptor) => {
      check(functions.launch(handle, descriptor));
    },
    cancel: () => functions.cancel(handle),
    stats: () => {
      const [steps = 0, launches = 0, nanoseconds = 0] = numbers(3, (out) => functions.stats(handle, out));
      return { steps, launches, nanoseconds };
    },
    capacity: () => {
      const [threads = 0, arenaBytes = 0, scratchBytes = 0, stateBytes = 0] = numbers(4, (out) =>
        functions.capacity(handle, out),
      );
      return { threads, arenaBytes, scratchBytes, stateBytes };
    },
    timings: (on, kernels) => numbers(kernels, (out) => functions.timings(handle, on ? 1 : 0, out)),
    close: () => {
      closes = true;
      functions.cancel(handle);
      if (waiting === 0) functions.destroy(handle);
      held.clear();
    },
  };
}
