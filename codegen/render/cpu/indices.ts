/** Declarations of axis indices from a flat position. */
import type { Axis } from '../../ir/kernel.ts';
import { printC } from '../c-expression.ts';
import type { KernelScope } from '../kernel-scope.ts';

/** The constant extent of an axis; throws for a symbolic one, which only a leading axis may have. */
export function constantExtent(axis: Axis): number {
  if (axis.extent.kind !== 'number') throw new Error(`axis ${axis.variable.name} needs a constant extent`);
  return axis.extent.value;
}

/** `const int h = flat / 64 % 12;` for each axis, the last one running fastest. */
export function declareIndices(axes: readonly Axis[], flat: string, scope: KernelScope, indent: string): string {
  return axes
    .map((axis, place) => {
      const name = scope.index(axis.variable);
      if (axes.length === 1) return `${indent}const int ${name} = ${flat};`;
      const inner = axes.slice(place + 1).map(constantExtent);
      const stride = inner.reduce((product, extent) => product * extent, 1);
      const divided = stride === 1 ? `(${flat})` : `(${flat}) / ${stride}`;
      return `${indent}const int ${name} = ${place === 0 ? divided : `${divided} % ${constantExtent(axis)}`};`;
    })
    .join('\n');
}

/** The product of extents as C text. */
export function flatExtent(axes: readonly Axis[], scope: KernelScope): string {
  return axes.length === 0 ? '1' : axes.map((axis) => printC(axis.extent, scope)).join(' * ');
}
