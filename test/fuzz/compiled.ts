/** A batch of random programs through the stages that are the same for every target: read as one module, each lowered alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodesOf } from '../../codegen/ir/children.ts';
import { expressionsOf } from '../../codegen/ir/definitions.ts';
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
import type { LoweredUnit } from '../../codegen/render/library.ts';
import { bind } from '../../codegen/trace/bind.ts';
import { dimensionNames } from '../../dsl/lang/declare.ts';
import type { Graph } from '../../dsl/lang/graph.ts';
import type { Operator } from '../../dsl/lang/operator.ts';
import type { FloatType } from '../../dsl/lang/rounding.ts';
import { elementsOf, type OperatorCase } from '../../verify/operator-library.ts';
import { programGraph } from './program-graph.ts';
import type { RandomProgram } from './programs/program.ts';
import type { Twin } from './programs/twins.ts';
import { byProgram, moduleOf } from './source-file.ts';

/** A program that the compiler takes. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly program: RandomProgram;
  /** Its operators in the order of their calls. */
  readonly operators: readonly { readonly ir: OperatorIr; readonly subject: OperatorCase }[];
  readonly built: Built;
  /** What gives the same bits: each operator a kernel of its own, and the twins that are not refused. */
  readonly others: readonly (Built & { readonly kind: Twin['kind'] | 'alone' })[];
}

/** A graph, and what the stages that are the same for every target made of it. */
export interface Built {
  readonly graph: Graph;
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

type Found = readonly [Operator, OperatorIr];

/** What a module of programs was read as: its operators by name, and the diagnostics about each piece. */
export interface ReadModule {
  readonly operators: ReadonlyMap<string, Found>;
  readonly about: ReadonlyMap<string, readonly Diagnostic[]>;
}

/** What the stages that are the same for every target make of each program, in their order. */
export async function compileBatch(
  programs: readonly RandomProgram[],
  element: FloatType,
): Promise<readonly Compiled[]> {
  const folder = mkdtempSync(join(tmpdir(), 'warpsmith-programs-'));
  try {
    const pieces = programs.flatMap((program) => [program, ...program.twins]);
    const { text, lines } = moduleOf(pieces, languageIndex);
    const file = join(folder, 'programs.mts');
    writeFileSync(file, text);
    const { ir, diagnostics } = await readProgramOperators([file]);
    const read = {
      operators: new Map([...ir].map((found) => [found[1].name, found])),
      about: byProgram(pieces, lines, diagnostics),
    };
    return programs.map((program) => compileProgram(program, read, element));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One program, by the module that it was read from. */
export function compileProgram(program: RandomProgram, read: ReadModule, element: FloatType): Compiled {
  try {
    return compileOne(program, read, element);
  } catch (error) {
    return { kind: 'failed', program, reason: messageOf(error) };
  }
}

function compileOne(program: RandomProgram, read: ReadModule, element: FloatType): Compiled {
  const made = lowered(program, program.operators, {}, read, element);
  if ('diagnostics' in made) return refusal(program, made.diagnostics);
  if (program.mistake !== null) throw new Error(`it was accepted with its mistake: ${program.mistake}`);
  const others = program.twins.flatMap((twin) => {
    const other = lowered({ ...program, name: twin.name }, twin.operators, twin.renamed, read, element);
    if ('diagnostics' in other || (twin.kind === 'joined' && other.operators.some(sumsWithin))) return [];
    return [{ ...other.built, kind: twin.kind }];
  });
  const alone = !program.isTakenApart
    ? null
    : lowered({ ...program, name: `${program.name}Alone` }, program.operators, {}, read, element, false);
  return {
    kind: 'accepted',
    program,
    operators: made.operators,
    built: made.built,
    others: [...others, ...(alone && 'built' in alone ? [{ ...alone.built, kind: 'alone' as const }] : [])],
  };
}

/** Whether a reduction stands in another, or in a product's sum: terms are then added in another order than from memory. */
function sumsWithin({ ir }: Accepted['operators'][number]): boolean {
  const reductions = nodesOf(...ir.definitions.flatMap(expressionsOf)).filter((node) => node.kind === 'reduce');
  return reductions.some(({ body }) => nodesOf(body).some(({ kind }) => kind === 'reduce'));
}

type Lowered = Pick<Accepted, 'operators' | 'built'> | { readonly diagnostics: readonly Diagnostic[] };

function lowered(
  program: RandomProgram,
  names: readonly string[],
  renamed: Readonly<Record<string, string>>,
  { operators, about }: ReadModule,
  element: FloatType,
  fuse = true,
): Lowered {
  const before = about.get(names[0] ?? '') ?? [];
  if (before.length > 0) return { diagnostics: before };
  const calls = names.map((name) => {
    const found = operators.get(name);
    if (found === undefined) throw new Error(`${name} was passed over without a diagnostic`);
    return found;
  });
  const ranges = calls.flatMap(([, ir]) => checkRanges(ir).diagnostics);
  if (ranges.length > 0) return { diagnostics: ranges };
  const features = Object.fromEntries(
    Object.entries({ ...renamed, ...identity(program.features) }).flatMap(([name, own]) => {
      const size = program.features[own];
      return size === undefined ? [] : [[name, size]];
    }),
  );
  const subjects = calls.map(([operator, ir]) => ({
    ir,
    subject: {
      name: ir.name,
      operator,
      features: only(features, dimensionNames(operator.spec.dims)),
      attrs: only(program.attrs, Object.keys(operator.spec.attrs ?? {})),
    },
  }));
  const graph = programGraph(
    program.name,
    subjects.map(({ subject }) => subject),
    program.kept,
    renamed,
  );
  const bound = bind(graph, new Map(calls), elementsOf(element));
  hold(verifyProgram(bound));
  const { ir, diagnostics } = lower(bound, { fuse });
  if (diagnostics.length > 0) return { diagnostics };
  const planned = plan(bound, ir.kernels);
  hold([...verifyKernels(bound, ir.kernels), ...verifyPlan(bound, ir.kernels, planned)]);
  return { operators: subjects, built: { graph, unit: { program: bound, kernels: ir.kernels, plan: planned } } };
}

const identity = (sizes: Readonly<Record<string, number>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(sizes).map((name) => [name, name]));

function only(record: Readonly<Record<string, number>>, names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = record[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
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

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
