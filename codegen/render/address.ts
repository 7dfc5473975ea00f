/** Addresses: row-major tensors, rows of weight matrices, rows of a paged cache. */
import type { Expression, Load } from '../ir/expression.ts';
import type { Extent, ProgramValue } from '../ir/program.ts';
import { printC, printOperand } from './c-expression.ts';
import type { KernelScope } from './kernel-scope.ts';

type Target = Pick<Load, 'tensor' | 'field' | 'indices'>;

/** `x[t * 1280L + 640 + h]`; of a value in a thread's buffer, without its row. */
export function elementAddress(target: Target, scope: KernelScope): string {
  const value = scope.value(target.tensor);
  const isLocal = scope.isLocal(target.tensor);
  const name = isLocal ? scope.localValue(target.tensor) : scope.parameter(target.tensor).name;
  const skipped = isLocal ? 1 : 0;
  const place = offset(target.indices.slice(skipped), value.shape.slice(skipped), scope);
  return `${name}[${guarded(place, target, value.shape, scope)}]`;
}

/** In a checked build: the place if all indices lie in the tensor, else 0, and the access is reported. */
function guarded(place: string, target: Target, shape: readonly Extent[], scope: KernelScope): string {
  const [first] = target.indices;
  if (!scope.checked || !first) return place;
  const extents = shape.map((extent) => (typeof extent === 'number' ? String(extent) : scope.count(extent)));
  const { file, line } = first.span;
  const access = JSON.stringify(scope.value(target.tensor).inputName ?? scope.value(target.tensor).name);
  const source = JSON.stringify(`${file.split('/').at(-1) ?? ''}:${line}`);
  const indices = target.indices.map((index) => printC(index, scope)).join(', ');
  return `within(batch.fault, ${access}, ${source}, {${indices}}, {${extents.join(', ')}}) ? ${place} : 0`;
}

/** The row-major offset of `indices`, 64 bits wide as soon as a stride enters. */
function offset(indices: readonly Expression[], shape: readonly Extent[], scope: KernelScope): string {
  const terms: string[] = [];
  indices.forEach((index, axis) => {
    if (index.kind === 'number' && index.value === 0) return;
    const inner = shape.slice(axis + 1);
    const constant = inner.reduce<number>(
      (product, extent) => (typeof extent === 'number' ? product * extent : product),
      1,
    );
    const symbols = inner
      .filter((extent): extent is string => typeof extent === 'string')
      .map((name) => scope.count(name));
    if (constant === 1 && symbols.length === 0) {
      terms.push(printSummand(index, scope));
      return;
    }
    const factors = [...symbols.map((name) => `int64_t(${name})`), ...(constant === 1 ? [] : [`${constant}L`])];
    terms.push(`${printOperand(index, scope)} * ${factors.join(' * ')}`);
  });
  return terms.length === 0 ? '0' : terms.join(' + ');
}

function printSummand(index: Expression, scope: KernelScope): string {
  const text = printC(index, scope);
  return index.kind === 'select' || index.kind === 'compare' || index.kind === 'logical' ? `(${text})` : text;
}

/** A pointer to the row that `leading` (all indices but the last) names. */
export function rowPointer(
  target: Pick<Load, 'tensor' | 'field'>,
  leading: readonly Expression[],
  scope: KernelScope,
): string {
  const value = scope.value(target.tensor);
  if (value.paged) return pagedRow({ ...target, indices: [...leading, zero(leading)] }, scope, 'read');
  const name = scope.isLocal(target.tensor) ? null : scope.parameter(target.tensor).name;
  const [row] = leading;
  if (scope.isSegmented(target.tensor) && row) {
    return `${name}.row(${guarded(printC(row, scope), { ...target, indices: [row] }, value.shape.slice(0, 1), scope)})`;
  }
  const element = elementAddress({ ...target, indices: [...leading, zero(leading)] }, scope);
  return `&${element}`;
}

function zero(leading: readonly Expression[]): Expression {
  const span = leading[0]?.span ?? { file: '', line: 1, column: 1, length: 0 };
  return { kind: 'number', type: 'i32', value: 0, span };
}

/**
 * A pointer to a row of a paged field. Read: indices are sequence, position, heads…, width; written: slot, heads…, width.
 * A block holds its fields one behind the other, each [heads][BLOCK_SIZE][width].
 */
export function pagedRow(target: Target, scope: KernelScope, access: 'read' | 'write'): string {
  const value = scope.value(target.tensor);
  const layout = pagedField(value, target.field);
  const place = access === 'read' ? 2 : 1;
  const [first, second] = target.indices;
  if (!first) throw new Error('a paged field has a place');
  const position = access === 'read' ? printOperand(second as Expression, scope) : printOperand(first, scope);
  const block =
    access === 'read'
      ? `batch.block<BLOCK_SIZE>(${printC(first, scope)}, ${printC(second as Expression, scope)})`
      : `${position} / BLOCK_SIZE`;
  const head = offset(target.indices.slice(place, -1), layout.heads, scope);
  const name = scope.parameter(target.tensor, access === 'write').name;
  return `paged_row<${layout.blockElements}, ${layout.fieldElements}, ${layout.width}, BLOCK_SIZE>(${name}, ${block}, ${head}, ${position} % BLOCK_SIZE)`;
}

/** Sizes in elements a position of a block: of all fields, of those before this one, and of a row. */
function pagedField(
  value: ProgramValue,
  field: string | null,
): {
  readonly blockElements: number;
  readonly fieldElements: number;
  readonly width: number;
  readonly heads: readonly number[];
} {
  const fields = value.paged?.fields ?? [];
  const size = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
  const place = fields.findIndex((candidate) => candidate.name === field);
  const found = fields[place];
  if (!found) throw new Error(`${value.name} has no field ${field}`);
  return {
    blockElements: fields.reduce((sum, candidate) => sum + size(candidate.shape), 0),
    fieldElements: fields.slice(0, place).reduce((sum, candidate) => sum + size(candidate.shape), 0),
    width: found.shape.at(-1) ?? 1,
    heads: found.shape.slice(0, -1),
  };
}
