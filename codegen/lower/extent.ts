/** Extents as expressions, and sizes of domains that may hold symbolic counts. */
import type { Expression, Span } from '../ir/expression.ts';
import type { Axis } from '../ir/kernel.ts';
import { integer } from '../ir/make.ts';
import type { Definition } from '../ir/operator.ts';
import type { Extent, Program, ProgramValue } from '../ir/program.ts';

export function extentExpression(extent: Extent, span: Span): Expression {
  return typeof extent === 'number' ? integer(extent, span) : { kind: 'dim', type: 'i32', name: extent, span };
}

/** The number of elements as `symbol*…*constant`, comparable as text. */
export function domainSize(shape: readonly Extent[]): { readonly symbols: string; readonly constant: number } {
  const symbols = shape.filter((extent): extent is string => typeof extent === 'string');
  const constant = shape.reduce<number>(
    (product, extent) => (typeof extent === 'number' ? product * extent : product),
    1,
  );
  return { symbols: symbols.sort().join('*'), constant };
}

export function programValue(program: Program, key: string): ProgramValue {
  const value = program.values.get(key);
  if (!value) throw new Error(`the program has no value ${key}`);
  return value;
}

/** The axes of a map's output, or those of an attend's but the last. */
export function axesOf(program: Program, definition: Extract<Definition, { kind: 'map' | 'attend' }>): readonly Axis[] {
  const { shape } = programValue(program, definition.output);
  return definition.indices.map((variable, axis) => {
    const extent = shape[axis];
    if (extent === undefined) throw new Error(`${definition.output} has fewer axes than its definition has indices`);
    return { variable, extent: extentExpression(extent, definition.span) };
  });
}
