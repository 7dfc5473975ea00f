/** The story of a compilation: which kernels there are, what they cost at least, what joined them and what kept the rest apart. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { builtKernels, formatBuiltKernels } from './build/built-kernels.ts';
import type { CompiledUnit, Target } from './compile.ts';
import { H200, kernelCost } from './cost.ts';
import { compileSource, type EmitOptions } from './emit.ts';
import { CompileError } from './errors.ts';
import type { FusionNote, Kernel } from './ir/kernel.ts';
import type { Program } from './ir/program.ts';
import { kernelForms } from './kernel-forms.ts';
import type { ManifestKernel, ManifestProgram } from './manifest.ts';

export interface ExplainOptions extends EmitOptions {
  /** Rows (tokens, or whatever a kernel walks) and keys a row that costs are told for. */
  readonly rows?: number;
  readonly keys?: number;
}

/**
 * Which kernels a file of operators or a checkpoint becomes, what was fused and what blocked the rest; of a folder that holds a built
 * CUDA library, registers, shared memory in bytes and occupancy of each kernel.
 *
 * @throws CompileError `kernels-unknown` for an engine of another kind, else, with DiagnosticError, as `emitStage` does.
 */
export async function explain(source: string, options: ExplainOptions = {}): Promise<string> {
  if (existsSync(join(source, 'manifest.json'))) {
    const built = builtKernels(source);
    if (built.length > 0) return formatBuiltKernels(built);
    throw new CompileError(
      'kernels-unknown',
      `${source} is an engine that holds no machine code for GPUs.`,
      'Give the checkpoint or the file that it was built of, or an engine built with --target cuda.',
    );
  }
  const { units, library } = await compileSource(source, options);
  return units.map((unit, place) => explainUnit(unit, library.manifest.programs[place], options)).join('\n');
}

function explainUnit(
  { program, lowered }: CompiledUnit,
  rendered: ManifestProgram | undefined,
  options: ExplainOptions,
): string {
  const kernels = new Map<string, string[]>();
  const forms = kernelForms(lowered.kernels, rendered?.kernels ?? []);
  for (const [place, kernel] of lowered.kernels.entries()) {
    const text = explainKernel(
      kernel,
      program,
      (forms[place] ?? []).filter(({ threads }) => threads !== undefined),
      options,
    );
    const places = kernels.get(text) ?? [];
    if (kernel.label) places.push(kernel.label);
    kernels.set(text, places);
  }
  const notes = (fused: boolean): ReadonlySet<string> =>
    new Set(lowered.notes.filter((note) => note.fused === fused).map((note) => explainNote(note, program)));
  return [
    `program ${program.name}: ${lowered.kernels.length} launches`,
    ...[...kernels].map(([text, places]) => `${text}${places.length > 0 ? `\n  runs in ${abridged(places)}` : ''}`),
    'fused:',
    ...notes(true),
    'not fused:',
    ...notes(false),
    '',
  ].join('\n');
}

function explainKernel(
  kernel: Kernel,
  program: Program,
  forms: readonly ManifestKernel[],
  { target = 'cpu', rows = 1, keys = 512 }: ExplainOptions,
): string {
  const { fixedBytes, bytesPerRow, bytesPerKey, flopsPerRow } = kernelCost(kernel, program);
  const isAttend = kernel.kind === 'attend';
  const moved = fixedBytes + rows * bytesPerRow + (isAttend ? keys * bytesPerKey : 0);
  const computed = rows * flopsPerRow * (isAttend ? keys : 1);
  const lines = [
    `${kernel.name} (${kernel.kind}, ${templateOf(kernel, target)})`,
    `  computes ${kernel.anchors.map((anchor) => placed(anchor, program)).join(', ')}`,
    ...forms.map(
      ({ name, threads, sharedBytes }) => `  ${name}: ${threads} threads, ${sharedBytes} B of shared memory a block`,
    ),
    `  moves ${bytes(fixedBytes)} of weights and ${bytes(bytesPerRow)} a row${isAttend ? `, ${bytes(bytesPerKey)} a key` : ''}; ${count(flopsPerRow)} operations a row${isAttend ? ' and key' : ''}`,
    `  at ${rows} ${rows === 1 ? 'row' : 'rows'}${isAttend ? ` of ${keys} keys` : ''}: ${bytes(moved)}, ${count(computed)} operations${target === 'cuda' ? `, at least ${floor(moved, computed)} on an H200` : ''}`,
  ];
  return lines.join('\n');
}

function templateOf(kernel: Kernel, target: Target): string {
  return `templates/${target}/${kernel.kind}.${target === 'cuda' ? 'cu' : 'cpp'}.njk`;
}

function explainNote({ producer, consumer, reason }: FusionNote, program: Program): string {
  return `  ${placed(producer, program)} -> ${placed(consumer, program)}: ${reason}`;
}

/** `siluMul.y (silu-mul.ts:7)` */
function placed(anchor: string, program: Program): string {
  const found = program.definitions.find((bound) => bound.anchor === anchor);
  if (!found) return anchor;
  const { file, line } = found.definition.span;
  return `${anchor} (${file.split('/').at(-1)}:${line})`;
}

/** The roofline: the larger of the time to move and the time to compute. */
function floor(moved: number, computed: number): string {
  const seconds = Math.max(moved / H200.bytesPerSecond, computed / H200.flopsPerSecond);
  return `${(seconds * 1e6).toPrecision(2)} us`;
}

function abridged(places: readonly string[]): string {
  return places.length <= 3 ? places.join(', ') : `${places.slice(0, 2).join(', ')} and ${places.length - 2} more`;
}

function bytes(size: number): string {
  if (size < 10_000) return `${size} B`;
  return size < 10_000_000 ? `${(size / 1e3).toFixed(0)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

function count(number: number): string {
  return number < 10_000 ? `${number}` : `${(number / 1e6).toFixed(2)} M`;
}
