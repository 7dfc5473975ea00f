/**
 * The header that all kernels of a CPU library include, compiled once for a compiler, its flags and the header's text. Reading it
 * and the system's headers takes g++ two seconds, most of what a small source takes in all; the objects are the same.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cached, contentHash } from './cache.ts';
import { withIncludes } from './includes.ts';

/** Depends on no library; sources that include it may be compiled behind it. */
const PREFIX = 'lib/kernel.h';

export class PrecompiledHeader {
  readonly #files: ReadonlyMap<string, string>;
  readonly #identity: string;
  readonly #compile: (source: string, target: string) => Promise<void>;
  #made: Promise<string> | null = null;

  /** `identity`: compiler and flags; `compile` makes a header of `files` the compiler's own file. */
  constructor(
    files: ReadonlyMap<string, string>,
    identity: string,
    compile: (source: string, target: string) => Promise<void>,
  ) {
    this.#files = files;
    this.#identity = identity;
    this.#compile = compile;
  }

  /** Arguments for a source that has `included`: none where that is not the header. Made for the first that asks. */
  async argumentsFor(included: ReadonlyMap<string, string>): Promise<readonly string[]> {
    if (!included.has(PREFIX)) return [];
    this.#made ??= this.#make();
    return ['-include', join(await this.#made, basename(PREFIX))];
  }

  async #make(): Promise<string> {
    const key = contentHash(this.#identity, ...[...withIncludes(PREFIX, this.#files)].flat());
    const { path } = await cached('headers', key, async (entry) => {
      mkdirSync(entry);
      // g++ reads the text where it cannot take its own file, which lies beside it.
      writeFileSync(join(entry, basename(PREFIX)), this.#files.get(PREFIX) ?? '');
      await this.#compile(PREFIX, join(entry, `${basename(PREFIX)}.gch`));
    });
    return path;
  }
}
