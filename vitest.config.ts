import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/support/long-first.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // The package's own name, as a user's operator file imports it.
    alias: [
      { find: /^warpsmith$/, replacement: here('./index.ts') },
      { find: /^warpsmith\/dsl$/, replacement: here('./dsl/index.ts') },
      { find: /^warpsmith\/codegen$/, replacement: here('./codegen/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // One process a file: a generated library is loaded into the process for good (it is linked with -z nodelete).
    pool: 'forks',
    // All cores: the default leaves one free, half of a machine that has two.
    maxWorkers: '100%',
    sequence: { sequencer: LongFirst },
    // A test may build an engine; the first on a cold cache waits for g++.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    coverage: {
      provider: 'v8',
      include: ['index.ts', 'dsl/**', 'codegen/**', 'runtime/**', 'bin/**'],
      reporter: ['text-summary', 'html'],
    },
  },
});
