/** Which kernels a change of the compiler changed. */
import { describe, expect, it } from 'vitest';
import { kernelChanges, kernelTexts } from '../../bin/kernel-texts.ts';
import { filesOf, textOf } from '../house/sources.ts';

const committed = new Map(
  filesOf('generated', ['.cu', '.cpp', '.h', '.txt']).map((path) => [path.replace('generated/', ''), textOf(path)]),
);

describe('kernels of generated sources', () => {
  const kernels = kernelTexts(committed);

  it('are found one by one, on both targets, with their docstrings', () => {
    const launched = [...committed]
      .filter(([path]) => path.endsWith('.cu'))
      .flatMap(([, text]) => text.match(/__global__/g) ?? []);
    expect([...kernels.keys()].filter((name) => name.endsWith('.cu'))).toHaveLength(launched.length);
    expect(kernels.get('cuda/silu_mul.cu')).toMatch(
      /^\/\*\*\n \* siluMul\.y\n[\s\S]*__global__[^\n]* silu_mul\([\s\S]*\n\}\n$/,
    );
    expect(kernels.get('cpu/silu_mul.cpp')).toMatch(/^\/\*\*\n \* siluMul\.y\n[\s\S]*\nvoid silu_mul\([\s\S]*\n\}\n$/);
  });

  it('hold the whole text of the files, save what stands before the first and behind the last', () => {
    const nest = committed.get('cuda/nest.cu') ?? '';
    const body = nest.slice(nest.indexOf('/**\n'), nest.lastIndexOf('}  // namespace ws'));
    const parts = [...kernels].filter(([, text]) => body.includes(text));
    expect(
      parts
        .map(([, text]) => text)
        .join('')
        .replace(/\s/g, ''),
    ).toBe(body.replace(/\s/g, ''));
  });

  it('are told apart into added, removed, changed and the rest', () => {
    const text = committed.get('cuda/nest.cu') ?? '';
    const edited = text.replace(/(silu_mul_compute\([^\n]*\n)/, '$1  // edited\n').replaceAll('store_kv', 'keep_kv');
    const changes = kernelChanges(kernels, kernelTexts(new Map([...committed, ['cuda/nest.cu', edited]])));
    expect(changes).toEqual({
      added: ['cuda/keep_kv.cu'],
      removed: ['cuda/store_kv.cu'],
      changed: ['cuda/silu_mul.cu'],
      unchanged: kernels.size - 2,
    });
  });

  it('are as they were where nothing changed', () => {
    expect(kernelChanges(kernels, kernels)).toEqual({ added: [], removed: [], changed: [], unchanged: kernels.size });
  });
});
