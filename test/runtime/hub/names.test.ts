import { expect, it } from 'vitest';
import { blobNameOf, isRepositoryName, isRevision } from '../../../runtime/hub/names.ts';

it.each(['Qwen/Qwen3-0.6B', 'meta-llama/Llama-3.2-1B', 'a/b', '01-ai/Yi_1.5'])('%s may be a repository', (name) => {
  expect(isRepositoryName(name)).toBe(true);
});

it.each([
  'models',
  './a/b',
  '../a',
  'a/..',
  '../..',
  '/a/b',
  'a/b/c',
  'a/',
  '/b',
  'a//b',
  'a/-b',
  'a/b.',
  'a/b--c',
  'a/b c',
  'a/b?c',
  'a/b#c',
  'a\\b/c',
  'a/b.git',
  `a/${'b'.repeat(100)}`,
])('%s is none', (name) => {
  expect(isRepositoryName(name)).toBe(false);
});

it.each(['main', 'v1.0', 'refs/pr/1', 'feature/x', 'c0ffee'.padEnd(40, '0')])('%s may be a revision', (revision) => {
  expect(isRevision(revision)).toBe(true);
});

it.each(['', '..', '../../etc', 'a/../b', '/a', 'a/', '.hidden', 'a b', 'a\nb', 'a\\b', 'a~1', 'x'.repeat(300)])(
  '%j is none',
  (revision) => {
    expect(isRevision(revision)).toBe(false);
  },
);

it('a blob is named by its ETag, weak or not', () => {
  expect(blobNameOf('"abc123"')).toBe('abc123');
  expect(blobNameOf('W/"abc123"')).toBe('abc123');
  expect(blobNameOf('abc-123.4')).toBe('abc-123.4');
});

it.each(['""', '"../../x"', '"a/b"', '"a b"', '".incomplete"', `"${'a'.repeat(200)}"`])('%s names none', (etag) => {
  expect(blobNameOf(etag)).toBeNull();
});
