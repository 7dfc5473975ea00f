/** The list of tensors of a GGUF header, and whether their ranges make up the file's data. Nothing of the data is read. */
import type { Problem } from '../errors.ts';
import { type TensorLocation, weightTypes } from '../weight-types.ts';
import { ggufError, ggufProblem, quoted } from './errors.ts';
import type { HeaderCursor } from './header-cursor.ts';
import { supportedTypes, tensorTypeName } from './tensor-types.ts';

/** As the header has it. */
export interface TensorEntry {
  readonly name: string;
  /** The row's length last, as everywhere but in the file. */
  readonly shape: readonly number[];
  readonly type: string;
  /** From the start of the data. */
  readonly offset: number;
}

const maxTensors = 1 << 16;
const maxNameBytes = 64;
const maxAxes = 4;
/** An entry's name's length, its axes, one extent, type and offset. */
const leastEntryBytes = 32n;

export function readTensorList(cursor: HeaderCursor, count: bigint): readonly TensorEntry[] {
  cursor.require(count * leastEntryBytes, `its list of ${count} tensors`);
  if (count > maxTensors) throw ggufError(cursor.file, `claims ${count} tensors; at most ${maxTensors} are allowed`);
  const entries = new Map<string, TensorEntry>();
  for (let place = 0; place < count; place++) {
    const name = cursor.string(`the name of tensor ${place}`, maxNameBytes);
    if (entries.has(name)) throw ggufError(cursor.file, `has the tensor ${quoted(name)} twice`);
    const what = `tensor ${quoted(name)}`;
    const axes = cursor.u32(`the number of axes of ${what}`);
    if (axes < 1 || axes > maxAxes)
      throw ggufError(cursor.file, `has the ${what} with ${axes} axes; 1 to ${maxAxes} are allowed`);
    const extents = Array.from({ length: axes }, () => cursor.size(`an extent of ${what}`));
    if (extents.includes(0)) throw ggufError(cursor.file, `has the ${what} with an extent of 0`);
    const type = tensorTypeName(cursor.u32(`the type of ${what}`));
    const offset = cursor.size(`the offset of ${what}`);
    entries.set(name, { name, shape: extents.reverse(), type, offset });
  }
  return [...entries.values()];
}

export interface DataSection {
  readonly file: string;
  readonly sizeBytes: number;
  /** Where tensor data begins; offsets count from there. */
  readonly start: number;
  readonly alignment: number;
}

/** Where each tensor lies in the file, or all that is wrong with their ranges. */
export function locateTensors(
  entries: readonly TensorEntry[],
  data: DataSection,
): { readonly tensors: ReadonlyMap<string, TensorLocation>; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const tensors = new Map<string, TensorLocation>();
  for (const entry of entries) {
    const found = locate(entry, data);
    if ('byteLength' in found) tensors.set(entry.name, found);
    else problems.push(found);
  }
  return { tensors, problems: problems.length > 0 ? problems : gapsAndOverlaps(tensors, data) };
}

function locate({ name, shape, type, offset }: TensorEntry, data: DataSection): TensorLocation | Problem {
  const wrong = (what: string, mend?: string) => ggufProblem(data.file, `has a tensor ${quoted(name)} ${what}`, mend);
  const form = weightTypes[type];
  if (!form) {
    const supported = supportedTypes.join(', ');
    return wrong(
      `of type ${type}; supported are ${supported}`,
      `Quantize the model to one of ${supported} (Q8_0 and BF16 files have no others, nor Q4_K_M ones of models whose widths 256 divides).`,
    );
  }
  const columns = shape.at(-1) ?? 0;
  if (columns % form.blockElements !== 0) {
    return wrong(
      `of type ${type} with rows of ${columns} elements, which blocks of ${form.blockElements} do not divide`,
    );
  }
  if (offset % data.alignment !== 0)
    return wrong(`at ${offset}, which is no multiple of the alignment ${data.alignment}`);
  const rows = shape.slice(0, -1).reduce((product, extent) => product * BigInt(extent), 1n);
  const bytes = (BigInt(columns) / BigInt(form.blockElements)) * BigInt(form.blockBytes) * rows;
  const end = BigInt(data.start) + BigInt(offset) + bytes;
  if (end > BigInt(data.sizeBytes)) {
    const size = `[${shape.join(', ')}] of type ${type}, ${bytes} bytes from ${data.start + offset} on`;
    return wrong(`that ends ${end - BigInt(data.sizeBytes)} bytes past the end of the file: ${size}`);
  }
  return { file: data.file, dtype: type, shape, byteOffset: data.start + offset, byteLength: Number(bytes) };
}

/** ggml lays tensors one behind the other, each at the next multiple of the alignment, and reads no other file. */
function gapsAndOverlaps(
  tensors: ReadonlyMap<string, TensorLocation>,
  { file, start, alignment }: DataSection,
): Problem[] {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.byteOffset - b.byteOffset);
  const problems: Problem[] = [];
  let next = start;
  let before = 'the header';
  for (const [name, { byteOffset, byteLength }] of inOrder) {
    const place = `has a tensor ${quoted(name)} at ${byteOffset}`;
    if (byteOffset < next) problems.push(ggufProblem(file, `${place} that overlaps ${before}, which ends at ${next}`));
    else if (byteOffset > next)
      problems.push(ggufProblem(file, `${place}, ${byteOffset - next} bytes behind the end of ${before}: a hole`));
    next = Math.max(next, aligned(byteOffset + byteLength, start, alignment));
    before = `the tensor ${quoted(name)}`;
  }
  return problems;
}

/** The next multiple of the alignment, counted from the start of the data. */
function aligned(position: number, start: number, alignment: number): number {
  return start + Math.ceil((position - start) / alignment) * alignment;
}
