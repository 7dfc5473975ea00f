/**
 * Inline PTX stands in headers that hold nothing else, and each has a namesake in templates/simt: what has no second body cannot be
 * run without a GPU. Instructions of sm_90, which the simulated GPU is not, may stand behind their #if.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesOf, root, textOf } from './sources.ts';

/** Whether code of sm_80 holds inline PTX. */
function hasInstructions(text: string): boolean {
  let guards: boolean[] = [];
  return text.split('\n').some((line) => {
    if (/^#\s*if/.test(line)) guards.push(/__CUDA_ARCH__ >= \d{3}/.test(line));
    else if (/^#\s*el/.test(line)) guards = [...guards.slice(0, -1), false];
    else if (/^#\s*endif/.test(line)) guards.pop();
    // An empty text is no instruction: it tells the compiler something, whichever it is.
    return /\basm\b(?! volatile\("")/.test(line) && !guards.includes(true);
  });
}

/** What a kernel may call of a header: functions and types. */
function namesOf(text: string): readonly string[] {
  return [...text.matchAll(/^(?:WS_DEVICE [\w ]+?|struct )(\w+)(?:\(|;| \{)/gm)].map(([, name]) => name ?? '');
}

describe('inline PTX', () => {
  const headers = filesOf('templates/cuda', ['.cuh', '.njk']).filter((path) => hasInstructions(textOf(path)));

  it('has a second body in templates/simt', () => {
    expect(headers.length).toBeGreaterThan(2);
    const alone = headers.filter((path) => !existsSync(join(root, namesake(path))));
    expect(alone).toEqual([]);
  });

  it.each(headers)('%s has every name there too', (path) => {
    const second = textOf(namesake(path));
    const names = namesOf(textOf(path));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(second) && name !== 'shared_address')).toEqual([]);
  });

  it('is seen where it is, and not behind the #if of a later architecture', () => {
    expect(hasInstructions('a\n  asm("x");')).toBe(true);
    expect(hasInstructions('asm volatile("" : "+r"(x));')).toBe(false);
    expect(hasInstructions('#if defined(A) && __CUDA_ARCH__ >= 900\nasm("x");\n#endif')).toBe(false);
    expect(hasInstructions('#if __CUDA_ARCH__ >= 900\n#else\nasm("x");\n#endif')).toBe(true);
    expect(namesOf('WS_DEVICE uint32_t a_b(int c) {\nWS_DEVICE void d() {\nstruct Mma;\n')).toEqual([
      'a_b',
      'd',
      'Mma',
    ]);
  });
});

function namesake(path: string): string {
  return path.replace(/^templates\/cuda\/(lib\/)?/, 'templates/simt/');
}
