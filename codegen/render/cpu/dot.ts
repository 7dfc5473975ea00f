/** The holes of one product in a contract or attend template. */
import type { Contraction } from '../../ir/kernel.ts';
import { rowPointer } from '../address.ts';
import { cType, type KernelScope } from '../kernel-scope.ts';

export interface DotHoles {
  readonly name: string;
  readonly tile: string;
  readonly rowType: string;
  readonly columnType: string;
  readonly rowRows: string;
  readonly columnRows: string;
  readonly rowPointer: string;
  readonly columnPointer: string;
  readonly depth: string;
}

export function dotHoles(product: Contraction, scope: KernelScope): DotHoles {
  const name = scope.local(product.accumulator);
  return {
    name,
    tile: scope.names.of(`tile ${name}`, `${name}_tile`),
    rowType: cType(scope.value(product.row.tensor).storage),
    columnType: cType(scope.value(product.column.tensor).storage),
    rowRows: scope.names.of(`rows ${name}`, `${name}_left`),
    columnRows: scope.names.of(`columns ${name}`, `${name}_right`),
    rowPointer: rowPointer(product.row, product.row.indices, scope),
    columnPointer: rowPointer(product.column, product.column.indices, scope),
    depth: String(product.depth),
  };
}
