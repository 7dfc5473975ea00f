/** Templates: real C++ with holes written `<< hole >>`, so that braces of C stand as they are. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import nunjucks from 'nunjucks';

const ROOT = fileURLToPath(new URL('../../templates/', import.meta.url));

const environment = new nunjucks.Environment(null, {
  autoescape: false,
  throwOnUndefined: true,
  tags: {
    blockStart: '<%',
    blockEnd: '%>',
    variableStart: '<<',
    variableEnd: '>>',
    commentStart: '<#',
    commentEnd: '#>',
  },
});

/** Parsed templates by path: a model's kernels pass through a few of them hundreds of times. */
const parsed = new Map<string, nunjucks.Template>();

/** Renders `templates/<path>`; throws on a hole that `holes` does not fill. */
export function renderTemplate(path: string, holes: Readonly<Record<string, unknown>>): string {
  const template = parsed.get(path) ?? new nunjucks.Template(readFileSync(`${ROOT}${path}`, 'utf8'), environment, path);
  parsed.set(path, template);
  return template.render({ ...holes });
}

/** `templates/<path>` as it stands. */
export function readTemplate(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8');
}
