/**
 * What must hold of the kernels of a lowered program: each reads what is in memory by then, and holds nothing that its class
 * cannot render. The rules that are broken, empty where all is well.
 */
import { assertNever } from './assert-never.ts';
import { nodesOf } from './children.ts';
import type { Expression, IndexVariable } from './expression.ts';
import type { AttendKernel, Axis, Contraction, ContractKernel, Kernel, Nest, NestKernel, Operand } from './kernel.ts';
import { baseOf, type Program } from './program.ts';
import { ExpressionRules, readRuleBroken } from './verify-loads.ts';
import { Versions } from './versions.ts';

export function verifyKernels(program: Program, kernels: readonly Kernel[]): readonly string[] {
  const verifier = new KernelVerifier(program);
  for (const kernel of kernels) verifier.kernel(kernel);
  return verifier.finish();
}

class KernelVerifier {
  readonly #program: Program;
  readonly #versions: Versions;
  readonly #rules: ExpressionRules;
  readonly #broken: string[] = [];
  /** Base values that live in a buffer of a kernel that has ended. */
  readonly #pastLocals = new Set<string>();

  constructor(program: Program) {
    this.#program = program;
    this.#versions = new Versions(program);
    this.#rules = new ExpressionRules(program);
  }

  finish(): readonly string[] {
    for (const [name, key] of this.#program.results) {
      this.#add(`the result ${name}`, this.#versions.read(key));
      if (this.#pastLocals.has(baseOf(this.#program, key))) this.#add(`the result ${name}`, 'is a local of one kernel');
    }
    for (const { definition } of this.#program.definitions)
      if (definition.kind === 'scatter' && !this.#versions.wasWritten(definition.output))
        this.#add(definition.output, 'no kernel writes this version of a state');
    return [...this.#broken, ...this.#rules.broken];
  }

  kernel(kernel: Kernel): void {
    switch (kernel.kind) {
      case 'nest':
        this.#nests(kernel);
        break;
      case 'contract':
        this.#contract(kernel);
        break;
      case 'attend':
        this.#attend(kernel);
        break;
      default:
        assertNever(kernel);
    }
  }

  #nests(kernel: NestKernel): void {
    this.#rules.check(kernel.rows, { indices: [], locals: [] });
    for (const nest of kernel.nests) this.#nest(kernel, nest);
    for (const local of kernel.locals) {
      if (!kernel.nests.some((nest) => nest.output === local))
        this.#add(kernel.name, `its local ${local} is written by none of its nests`);
      if (
        this.#program.values
          .get(local)
          ?.shape.slice(1)
          .some((extent) => typeof extent !== 'number')
      )
        this.#add(kernel.name, `a row of its local ${local} has no constant size`);
      this.#pastLocals.add(local);
    }
  }

  #nest(kernel: NestKernel, nest: Nest): void {
    const inAxes = (axes: readonly Axis[]): readonly IndexVariable[] => [
      kernel.row,
      ...axes.map((axis) => axis.variable),
    ];
    if (nest.kind === 'store') {
      if (nest.row.id !== kernel.row.id) this.#add(kernel.name, `${nest.anchor} walks rows of its own`);
      this.#extents(nest.axes);
      this.#reads(kernel, [nest.value], inAxes(nest.axes));
    } else {
      this.#reads(kernel, nest.slot, [kernel.row]);
      for (const { axes, value } of nest.writes) {
        this.#extents(axes);
        this.#reads(kernel, [value], inAxes(axes));
      }
    }
    this.#write(kernel, nest.output);
  }

  #contract(kernel: ContractKernel): void {
    const axes = kernel.axes.map((axis) => axis.variable);
    this.#extents(kernel.axes);
    if (kernel.roles.length !== kernel.axes.length) this.#add(kernel.name, 'an axis has no role');
    if (kernel.products.length === 0) this.#add(kernel.name, 'it has no product');
    for (const product of kernel.products) this.#product(kernel, product, axes, axes);
    this.#straight(kernel, [kernel.epilogue], axes, kernel.products);
    this.#write(kernel, kernel.output);
  }

  #attend(kernel: AttendKernel): void {
    const axes = kernel.axes.map((axis) => axis.variable);
    this.#extents(kernel.axes);
    const perKey = [...axes, kernel.key];
    for (const product of kernel.products) this.#product(kernel, product, axes, perKey);
    this.#straight(kernel, [kernel.low, kernel.high], axes, []);
    this.#straight(kernel, [kernel.score], perKey, kernel.products);
    if (kernel.mask) this.#straight(kernel, [kernel.mask], perKey, []);
    if (kernel.value.kind === 'rows') this.#operand(kernel, kernel.value.operand, perKey);
    else this.#straight(kernel, [kernel.value.value], [...perKey, kernel.value.index], []);
    if (kernel.width.kind !== 'number') this.#add(kernel.name, 'the width of its value is not constant');
    this.#write(kernel, kernel.output);
  }

  #product(
    kernel: Kernel,
    product: Contraction,
    row: readonly IndexVariable[],
    column: readonly IndexVariable[],
  ): void {
    if (typeof product.depth !== 'number')
      this.#add(kernel.name, `the depth ${product.depth} of ${product.accumulator} is not constant`);
    this.#operand(kernel, product.row, row);
    this.#operand(kernel, product.column, column);
  }

  #operand(kernel: Kernel, operand: Operand, indices: readonly IndexVariable[]): void {
    this.#reads(kernel, operand.indices, indices);
    this.#add(kernel.name, readRuleBroken(this.#program, operand.tensor, operand.field, operand.indices.length + 1));
    this.#read(kernel, operand.tensor);
  }

  /** Expressions that are evaluated as they stand: scheduling has no place for a reduction in them. */
  #straight(
    kernel: Kernel,
    roots: readonly Expression[],
    indices: readonly IndexVariable[],
    products: readonly Contraction[],
  ): void {
    this.#reads(
      kernel,
      roots,
      indices,
      products.map((product) => product.accumulator),
    );
    for (const node of nodesOf(...roots))
      if (node.kind === 'reduce') this.#add(kernel.name, `a ${node.op} is left where no loop stands for it`);
  }

  #reads(
    kernel: Kernel,
    roots: readonly Expression[],
    indices: readonly IndexVariable[],
    locals: readonly string[] = [],
  ): void {
    for (const root of roots) this.#rules.check(root, { indices, locals });
    for (const node of nodesOf(...roots))
      if (node.kind === 'load' && this.#program.values.has(node.tensor)) this.#read(kernel, node.tensor);
  }

  #read(kernel: Kernel, key: string): void {
    if (!this.#program.values.has(key)) return;
    this.#add(kernel.name, this.#versions.read(key));
    if (this.#pastLocals.has(baseOf(this.#program, key)))
      this.#add(kernel.name, `${key} is a local of an earlier kernel`);
  }

  #extents(axes: readonly Axis[]): void {
    for (const { extent } of axes) this.#rules.check(extent, { indices: [], locals: [] });
  }

  #write(kernel: Kernel, key: string): void {
    if (this.#program.values.has(key)) this.#add(kernel.name, this.#versions.write(key));
    else this.#add(kernel.name, `${key} is no value of the program`);
  }

  #add(place: string, rule: string | null): void {
    if (rule !== null) this.#broken.push(`${place}: ${rule}`);
  }
}
