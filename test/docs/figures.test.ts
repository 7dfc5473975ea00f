/** A figure of a document was measured: beside it stands the command that gives it, or the file that holds it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, textOf } from '../house/sources.ts';

const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.startsWith('api'))
    .map((path) => `docs/${path}`),
];

/** Times, rates and shares. */
const figure = /\d[\d.,]* ?(?:us|ms|s|%|[GT]B\/s|[GT]FLOP\/s)(?![\w/])/g;
const source = /`[^`]*(?:npm (?:run|start)|npx |warpsmith |bench\/results\/|nvcc |g\+\+ |node )[^`]*`/;
/** Set by a constant of the sources, and not measured. */
const limits = new Set(['10 s']);

function unsourced(text: string): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  return prose.split(/\n\s*\n/).flatMap((paragraph) => {
    const figures = [...paragraph.matchAll(figure)].map(([found]) => found).filter((found) => !limits.has(found));
    return source.test(paragraph) ? [] : figures;
  });
}

it.each(pages)('%s says how each figure was measured', (page) => {
  expect(unsourced(textOf(page))).toEqual([]);
});

it('and a figure without a command is found', () => {
  expect(
    unsourced(
      'A token takes 6.7 us.\n\nA step takes 2 ms by `npm run bench`.\n\nAn edit\ntakes 0.5 s, 40% of it here.',
    ),
  ).toEqual(['6.7 us', '0.5 s', '40%']);
});
