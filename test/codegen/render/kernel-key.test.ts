/** Kernels of one key are one text: the layers of a model are rendered once. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile, DEFAULT_ELEMENTS } from '../../../codegen/compile.ts';
import type { Kernel } from '../../../codegen/ir/kernel.ts';
import type { Program, ProgramValue } from '../../../codegen/ir/program.ts';
import { modelGraph } from '../../../codegen/model.ts';
import { readProgramOperators } from '../../../codegen/read/program-operators.ts';
import { renderCudaKernel } from '../../../codegen/render/cuda/kernel.ts';
import { kernelKey, RenderedOnce } from '../../../codegen/render/kernel-key.ts';

const options = { blockSize: 64, checked: false };

describe('the key of a kernel', async () => {
  const { graph, modules } = await modelGraph(readFileSync('models/tiny/config.json', 'utf8'));
  const { ir: operators } = await readProgramOperators(modules);
  const { units } = compile([graph], operators, { elements: DEFAULT_ELEMENTS }).ir;
  const [unit] = units;
  if (!unit) throw new Error('one graph makes one unit');
  const { program } = unit;
  const { kernels } = unit.lowered;
  const textOf = (kernel: Kernel, of: Program = program): string =>
    renderCudaKernel({ ...kernel, name: 'name' }, of, options)
      .map(({ text }) => text)
      .join('\n');
  const withValue = (key: string, change: Partial<ProgramValue>): Program => {
    const value = program.values.get(key);
    if (!value) throw new Error(`no value ${key}`);
    return { ...program, values: new Map(program.values).set(key, { ...value, ...change }) };
  };

  it('is one for the layers of a model, and none of two texts', () => {
    const texts = new Map<string, Set<string>>();
    for (const kernel of kernels) {
      const { text: key } = kernelKey(kernel, program);
      texts.set(key, (texts.get(key) ?? new Set()).add(textOf(kernel)));
    }
    expect(texts.size).toBeLessThan(kernels.length / 2);
    expect([...texts.values()].filter((each) => each.size > 1)).toEqual([]);
  });

  it('tells kernels apart by what their values are', () => {
    const kernel = kernels.find(({ kind }) => kind === 'contract');
    if (kernel?.kind !== 'contract') throw new Error('a model has products');
    const { text: key } = kernelKey(kernel, program);
    const weight = kernel.products[0]?.column.tensor ?? '';
    expect(kernelKey({ ...kernel, name: 'other', label: 'elsewhere' }, program).text).toBe(key);
    expect(kernelKey(kernel, withValue(weight, { storage: 'f32' })).text).not.toBe(key);
    expect(kernelKey(kernel, withValue(weight, { inputName: 'other' })).text).not.toBe(key);
    expect(kernelKey(kernel, withValue(weight, { role: { kind: 'intermediate' } })).text).not.toBe(key);
    expect(kernelKey(kernel, withValue(weight, { aliasOf: kernel.output })).text).not.toBe(key);
    expect(kernelKey({ ...kernel, roles: [...kernel.roles].reverse() }, program).text).not.toBe(key);
  });

  it('gives a kernel the text of an earlier one with parameters of its own', () => {
    const rendered = new RenderedOnce<ReturnType<typeof renderCudaKernel>[number]>();
    for (const kernel of kernels) {
      const render = () => renderCudaKernel({ ...kernel, name: 'name' }, program, options);
      const parameters = rendered.of(kernel, program, render).map((each) => each.parameters);
      expect(parameters).toEqual(render().map((each) => each.parameters));
    }
  });
});
