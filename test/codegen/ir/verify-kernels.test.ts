/** Kernels as lowering leaves them, and broken in each way that the verifier names. */
import { beforeAll, expect, it } from 'vitest';
import type { Expression } from '../../../codegen/ir/expression.ts';
import type { AttendKernel, ContractKernel, Kernel, NestKernel } from '../../../codegen/ir/kernel.ts';
import type { Program } from '../../../codegen/ir/program.ts';
import { verifyKernels } from '../../../codegen/ir/verify-kernels.ts';
import { compileSmall } from './bound-program.ts';

let program: Program;
let kernels: readonly Kernel[];
beforeAll(async () => {
  ({ program, kernels } = await compileSmall());
});

function verifyWith<Kind extends Kernel['kind']>(
  name: string,
  kind: Kind,
  change: (kernel: Extract<Kernel, { kind: Kind }>) => Kernel,
): readonly string[] {
  const matches = (kernel: Kernel): kernel is Extract<Kernel, { kind: Kind }> =>
    kernel.kind === kind && kernel.name === name;
  expect(kernels.some(matches)).toBe(true);
  return verifyKernels(
    program,
    kernels.map((kernel) => (matches(kernel) ? change(kernel) : kernel)),
  );
}

const named = (...names: readonly string[]) =>
  names.flatMap((name) => kernels.filter((kernel) => kernel.name === name));

/** A reduction, from the row norm. */
function aReduction(): Expression {
  const [norm] = named('add_rms_norm').filter((kernel): kernel is NestKernel => kernel.kind === 'nest');
  const stack: Expression[] = norm?.nests.flatMap((nest) => (nest.kind === 'store' ? [nest.value] : [])) ?? [];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.kind === 'reduce') return node;
    if (node.kind === 'binary') stack.push(node.left, node.right);
    if (node.kind === 'intrinsic') stack.push(...node.args);
  }
  throw new Error('the norm has no reduction');
}

it('what lowering leaves holds', () => {
  expect(verifyKernels(program, kernels)).toEqual([]);
});

it('what a kernel reads was written by an earlier one', () => {
  const swapped = named('store_kv', 'paged_attention', 'add_rms_norm', 'linear', 'linear_silu_mul');
  expect(verifyKernels(program, swapped)).toContain('linear: %13 is read before it is written');
  expect(verifyKernels(program, named('store_kv', 'paged_attention', 'linear_silu_mul', 'linear'))).toEqual(
    expect.arrayContaining([
      'linear_silu_mul: %10 is read before it is written',
      'the result total: %9 is read before it is written',
    ]),
  );
});

it('a state is read after it was written, and every version is written', () => {
  const early = named('paged_attention', 'store_kv', 'add_rms_norm', 'linear_silu_mul', 'linear');
  expect(verifyKernels(program, early)).toContain(
    'paged_attention: %3 is read where its memory holds %2, another version',
  );
  const never = named('paged_attention', 'add_rms_norm', 'linear_silu_mul', 'linear');
  expect(verifyKernels(program, never)).toContain('%3: no kernel writes this version of a state');
});

it('nothing is written twice', () => {
  expect(verifyKernels(program, [...kernels, ...named('linear')])).toContain('linear: %15 is written twice');
});

it('a local is not read outside of its kernel', () => {
  const broken = verifyWith('add_rms_norm', 'nest', (kernel) => ({ ...kernel, locals: ['%10'] }));
  expect(broken).toEqual([
    'linear_silu_mul: %10 is a local of an earlier kernel',
    'linear_silu_mul: %10 is a local of an earlier kernel',
  ]);
  expect(verifyWith('add_rms_norm', 'nest', (kernel) => ({ ...kernel, locals: ['%9'] }))).toEqual([
    'the result total: is a local of one kernel',
  ]);
  expect(verifyWith('add_rms_norm', 'nest', (kernel) => ({ ...kernel, locals: ['%4'] }))).toContain(
    'add_rms_norm: its local %4 is written by none of its nests',
  );
});

it('no reduction is left in an epilogue, a score or a range', () => {
  const message = 'a sum is left where no loop stands for it';
  const inEpilogue = (kernel: ContractKernel) => ({ ...kernel, epilogue: aReduction() });
  expect(verifyWith('linear', 'contract', inEpilogue)).toContain(`linear: ${message}`);
  const inScore = (kernel: AttendKernel) => ({ ...kernel, score: aReduction() });
  expect(verifyWith('paged_attention', 'attend', inScore)).toContain(`paged_attention: ${message}`);
  const inRange = (kernel: AttendKernel) => ({ ...kernel, low: aReduction() });
  expect(verifyWith('paged_attention', 'attend', inRange)).toContain(`paged_attention: ${message}`);
});

it('depths and widths are constant', () => {
  const deep = (kernel: ContractKernel) => ({
    ...kernel,
    products: kernel.products.map((product) => ({ ...product, depth: 'T' })),
  });
  expect(verifyWith('linear', 'contract', deep)).toEqual(['linear: the depth T of dot0 is not constant']);
  const wide = (kernel: AttendKernel): AttendKernel => ({
    ...kernel,
    width: { kind: 'dim', type: 'i32', name: 'T', span: kernel.width.span },
  });
  expect(verifyWith('paged_attention', 'attend', wide)).toEqual([
    'paged_attention: the width of its value is not constant',
  ]);
});

it('an epilogue names the sums of its own products, and indices are those of its axes', () => {
  const unmade = (kernel: ContractKernel) => ({ ...kernel, products: kernel.products.slice(0, 1) });
  expect(verifyWith('linear_silu_mul', 'contract', unmade)).toEqual(['nothing computes the local dot1']);
  const unbound = (kernel: ContractKernel) => ({
    ...kernel,
    axes: kernel.axes.slice(0, 1),
    roles: kernel.roles.slice(0, 1),
  });
  expect(verifyWith('linear', 'contract', unbound).join()).toContain('an index is used outside of its scope');
});

it('an operand has all its indices but the last', () => {
  const flat = (kernel: ContractKernel) => ({
    ...kernel,
    products: kernel.products.map((product) => ({ ...product, row: { ...product.row, indices: [] } })),
  });
  expect(verifyWith('linear', 'contract', flat)).toEqual(['linear: %13 is read at 1 indices and has 2']);
});

it('nests of a kernel walk its rows', () => {
  const apart = (kernel: NestKernel) => ({
    ...kernel,
    nests: kernel.nests.map((nest) => (nest.kind === 'store' ? { ...nest, row: { id: 999, name: 's' } } : nest)),
  });
  expect(verifyWith('add_rms_norm', 'nest', apart)).toContain('add_rms_norm: addRmsNorm.y walks rows of its own');
});
