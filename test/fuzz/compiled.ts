/** A batch of random programs as libraries: read as one module, each lowered alone, all rendered and built together. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../codegen/build/build.ts';
import { findCompilers } from '../../codegen/build/compilers.ts';
import { DEFAULT_ARCHITECTURES } from '../../codegen/build/nvcc.ts';
import type { Diagnostic } from '../../codegen/ir/diagnostic.ts';
import type { OperatorIr } from '../../codegen/ir/operator.ts';
import { verifyKernels } from '../../codegen/ir/verify-kernels.ts';
import { verifyPlan } from '../../codegen/ir/verify-plan.ts';
import { verifyProgram } from '../../codegen/ir/verify-program.ts';
import { lower } from '../../codegen/lower/lower.ts';
import { plan } from '../../codegen/plan/plan.ts';
import { languageIndex } from '../../codegen/read/modules.ts';
import { readProgramOperators } from '../../codegen/read/program-operators.ts';
import { checkRanges } from '../../codegen/read/ranges.ts';
import { renderLibrary } from '../../codegen/render/cpu/library.ts';
import { renderCudaLibrary } from '../../codegen/render/cuda/library.ts';
import type { LoweredUnit } from '../../codegen/render/library.ts';
import { bind } from '../../codegen/trace/bind.ts';
import type { Operator } from '../../dsl/lang/operator.ts';
import type { FloatType } from '../../dsl/lang/rounding.ts';
import { graphOf } from '../../verify/build-cases.ts';
import { elementsOf, type OperatorCase, OperatorLibrary } from '../../verify/operator-library.ts';
import { simulated } from '../support/simulation.ts';
import type { RandomProgram } from './programs/program.ts';
import { byProgram, moduleOf } from './source-file.ts';

export const targets = ['cpu', 'simt'] as const;
/** `cuda` is a GPU that is there. */
export type Target = (typeof targets)[number] | 'cuda';

/** A program that the compiler takes. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly program: RandomProgram;
  readonly ir: OperatorIr;
  readonly subject: OperatorCase;
  readonly unit: LoweredUnit;
}

interface Refused {
  readonly kind: 'refused';
  readonly program: RandomProgram;
  readonly codes: readonly string[];
}

interface Failed {
  readonly kind: 'failed';
  readonly program: RandomProgram;
  readonly reason: string;
}

export type Compiled = Accepted | Refused | Failed;

/** What the stages that are the same for every target make of each program, in their order. */
export async function compileBatch(
  programs: readonly RandomProgram[],
  element: FloatType,
): Promise<readonly Compiled[]> {
  const folder = mkdtempSync(join(tmpdir(), 'warpsmith-programs-'));
  try {
    const { text, lines } = moduleOf(programs, languageIndex);
    const file = join(folder, 'programs.mts');
    writeFileSync(file, text);
    const { ir: operators, diagnostics } = await readProgramOperators([file]);
    const about = byProgram(programs, lines, diagnostics);
    const named = new Map([...operators].map((found) => [found[1].name, found]));
    return programs.map((program) =>
      compileProgram(program, named.get(program.name), about.get(program.name) ?? [], element),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One program, by the operator that was read of it and the diagnostics about it. */
export function compileProgram(
  program: RandomProgram,
  found: readonly [Operator, OperatorIr] | undefined,
  before: readonly Diagnostic[],
  element: FloatType,
): Compiled {
  try {
    return compileOne(program, found, before, element);
  } catch (error) {
    return { kind: 'failed', program, reason: messageOf(error) };
  }
}

function compileOne(
  program: RandomProgram,
  found: readonly [Operator, OperatorIr] | undefined,
  before: readonly Diagnostic[],
  element: FloatType,
): Compiled {
  if (before.length > 0) return refusal(program, before);
  if (found === undefined) throw new Error('it was passed over without a diagnostic');
  const [operator, ir] = found;
  const ranges = checkRanges(ir).diagnostics;
  if (ranges.length > 0) return refusal(program, ranges);
  const subject = { name: program.name, operator, features: program.features, attrs: program.attrs };
  const bound = bind(graphOf(subject), new Map([found]), elementsOf(element));
  hold(verifyProgram(bound));
  const lowered = lower(bound, { fuse: true });
  if (lowered.diagnostics.length > 0) return refusal(program, lowered.diagnostics);
  const { kernels } = lowered.ir;
  const planned = plan(bound, kernels);
  hold([...verifyKernels(bound, kernels), ...verifyPlan(bound, kernels, planned)]);
  if (program.mistake !== null) throw new Error(`it was accepted with its mistake: ${program.mistake}`);
  return { kind: 'accepted', program, ir, subject, unit: { program: bound, kernels, plan: planned } };
}

function hold(broken: readonly string[]): void {
  if (broken.length > 0) throw new Error(`a stage broke the program: ${broken.join('; ')}`);
}

function refusal(program: RandomProgram, diagnostics: readonly Diagnostic[]): Refused {
  for (const { span, message, mend } of diagnostics)
    if (!(span.line > 0 && span.column > 0 && span.length > 0 && message && mend))
      throw new Error(`the diagnostic "${message}" has no place or no mend`);
  return { kind: 'refused', program, codes: diagnostics.map(({ code }) => code) };
}

/** Whether libraries are built as a user's are, or sooner done by a compiler that does not optimize. */
export type Optimization = 'product' | 'none';

/**
 * One library of all, with the programs that are in it; where it cannot be built, one of each half, down to the programs at fault.
 */
export async function buildBatch(
  accepted: readonly Accepted[],
  element: FloatType,
  target: Target,
  optimization: Optimization,
): Promise<
  readonly { readonly programs: readonly Accepted[]; readonly library: OperatorLibrary | { readonly reason: string } }[]
> {
  if (accepted.length === 0) return [];
  const library = await buildAll(accepted, element, target, optimization);
  if (library instanceof OperatorLibrary || accepted.length === 1) return [{ programs: accepted, library }];
  const middle = accepted.length >> 1;
  return [
    ...(await buildBatch(accepted.slice(0, middle), element, target, optimization)),
    ...(await buildBatch(accepted.slice(middle), element, target, optimization)),
  ];
}

async function buildAll(
  accepted: readonly Accepted[],
  element: FloatType,
  target: Target,
  optimization: Optimization,
): Promise<OperatorLibrary | { readonly reason: string }> {
  const settings = { elements: elementsOf(element), blockSize: 64, model: null, checked: false };
  const units = accepted.map(({ unit }) => unit);
  const architectures = { cpu: [], simt: simulated.architectures, cuda: DEFAULT_ARCHITECTURES }[target];
  try {
    const rendered =
      target === 'cpu'
        ? renderLibrary(units, { ...settings, architectures })
        : renderCudaLibrary(units, { ...settings, architectures });
    const built = await build(rendered, {}, compilersFor(target, architectures, optimization));
    return built.ok ? new OperatorLibrary(built.directory, element) : { reason: built.message };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

async function compilersFor(target: Target, architectures: readonly string[], optimization: Optimization) {
  const found = await findCompilers(target === 'cpu' ? 'cpu' : 'cuda', architectures);
  if (!found.ok || optimization === 'product' || target === 'cuda') return found;
  const { flags, instrumentation } = found.toolchain;
  // The simulator is worth a little.
  const quick =
    target === 'simt'
      ? { flags: [...flags, '-O1'], instrumentation: [...instrumentation, '-O0'] }
      : { flags: [...flags, '-O0'] };
  return { ...found, toolchain: { ...found.toolchain, ...quick } };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
