/** A bound program that is right, and one broken in each way that the verifier names. */
import { beforeAll, expect, it } from 'vitest';
import type { Expression } from '../../../codegen/ir/expression.ts';
import type { Definition, MapDefinition } from '../../../codegen/ir/operator.ts';
import type { Program, ProgramValue } from '../../../codegen/ir/program.ts';
import { rewrite } from '../../../codegen/ir/rewrite.ts';
import { verifyProgram } from '../../../codegen/ir/verify-program.ts';
import { compileSmall } from './bound-program.ts';

let program: Program;
beforeAll(async () => {
  program = (await compileSmall()).program;
});

/** The program with the definition of an anchor replaced. */
function withDefinition(anchor: string, change: (definition: Definition) => Definition): Program {
  const definitions = program.definitions.map((bound) =>
    bound.anchor === anchor ? { ...bound, definition: change(bound.definition) } : bound,
  );
  return { ...program, definitions };
}

/** The program with every node of silu_mul's value that `f` changes. */
const withNode = (f: (node: Expression) => Expression) =>
  withDefinition('siluMul.y', (definition) => ({
    ...(definition as MapDefinition),
    value: rewrite((definition as MapDefinition).value, f),
  }));

function withValue(key: string, change: Partial<ProgramValue>): Program {
  const value = program.values.get(key);
  if (!value) throw new Error(`no value ${key}`);
  return { ...program, values: new Map([...program.values, [key, { ...value, ...change }]]) };
}

/** Definitions in another order, by anchors. */
function inOrder(...anchors: readonly string[]): Program {
  const place = (anchor: string) => anchors.indexOf(anchor);
  const moved = program.definitions.filter(({ anchor }) => place(anchor) >= 0);
  const rest = program.definitions.filter(({ anchor }) => place(anchor) < 0);
  return { ...program, definitions: [...moved.sort((a, b) => place(a.anchor) - place(b.anchor)), ...rest] };
}

it('what bind leaves holds', () => {
  expect(verifyProgram(program)).toEqual([]);
});

it('a load names a value, at as many indices as it has axes', () => {
  const gone = withNode((node) => (node.kind === 'load' ? { ...node, tensor: '%99' } : node));
  expect(verifyProgram(gone)).toContain('%99 is no value of the program');
  const short = withNode((node) => (node.kind === 'load' ? { ...node, indices: node.indices.slice(1) } : node));
  expect(verifyProgram(short)).toContain('%12 is read at 1 indices and has 2');
  const paged = withNode((node) => (node.kind === 'load' ? { ...node, tensor: '%3' } : node));
  expect(verifyProgram(paged)).toContain('%3 is read as what it is not');
});

it('no attribute, no dimension but a count, and no name of lowering is left', () => {
  const number = (change: (span: Expression) => Expression) =>
    verifyProgram(withNode((node) => (node.kind === 'number' && node.type === 'i32' ? change(node) : node)));
  expect(number(({ span }) => ({ kind: 'attr', type: 'i32', name: 'eps', span }))).toEqual([
    'the attribute eps is not bound',
  ]);
  expect(number(({ span }) => ({ kind: 'dim', type: 'i32', name: 'H', span }))).toEqual([
    'H is no count of the program',
  ]);
  expect(number(({ span }) => ({ kind: 'local', type: 'i32', name: 'dot0', span }))).toEqual([
    'nothing computes the local dot0',
  ]);
});

it('an index is used where it is bound, and bound once', () => {
  const foreign = withNode((node) => (node.kind === 'index' ? { ...node, variable: { id: 999, name: 'z' } } : node));
  expect(verifyProgram(foreign).join()).toContain('an index is used outside of its scope');
  const [first] = program.definitions.flatMap(({ definition }) =>
    definition.kind === 'attend' ? definition.indices : [],
  );
  const twice = withDefinition('siluMul.y', (definition) => ({
    ...(definition as MapDefinition),
    indices: first ? [first, ...(definition as MapDefinition).indices.slice(1)] : [],
  }));
  expect(verifyProgram(twice)).toContain(`the index ${first?.name} (${first?.id}) is bound twice`);
});

it('operands have the types of their operations', () => {
  const mixed = withNode((node) => (node.kind === 'number' && node.type === 'i32' ? { ...node, type: 'f32' } : node));
  expect(verifyProgram(mixed).join()).toContain('operands have the type of their operation');
});

it('a value is defined before it is used, and once', () => {
  expect(verifyProgram(inOrder('siluMul.y'))).toContain('%12 is read before it is written');
  const [norm] = program.definitions.filter(({ anchor }) => anchor === 'addRmsNorm.y');
  const again = { ...program, definitions: [...program.definitions, ...(norm ? [norm] : [])] };
  expect(verifyProgram(again)).toContain('%10 is written twice');
  expect(verifyProgram({ ...program, definitions: [] })).toEqual([
    '%15 is read before it is written',
    '%9 is read before it is written',
  ]);
});

it('a state is read in the version that its memory holds', () => {
  const early = inOrder('pagedAttention.o');
  expect(verifyProgram(early)).toContain('%3 is read where its memory holds %2, another version');
  const stale = withDefinition('pagedAttention.o', (definition) => {
    if (definition.kind !== 'attend') return definition;
    const before = (node: Expression): Expression =>
      node.kind === 'load' && node.tensor === '%3' ? { ...node, tensor: '%2' } : node;
    return { ...definition, value: rewrite(definition.value, before) };
  });
  expect(verifyProgram(stale)).toContain('%2 is read where its memory holds %3, another version');
});

it('an output is memory of its own, written along all its axes', () => {
  const narrow = withValue('%13', { shape: ['T'] });
  expect(verifyProgram(narrow)).toContain('%13 has 1 axes and is defined by 2 indices');
  expect(verifyProgram(withValue('%13', { role: { kind: 'input', name: 'z' } }))).toContain('%13 is defined and input');
  expect(verifyProgram(withValue('%3', { aliasOf: null }))).toContain(
    '%3 is scattered into memory that no caller or state holds',
  );
  expect(verifyProgram(withValue('%3', { paged: { fields: [{ name: 'k', shape: [8] }] } }))).toEqual(
    expect.arrayContaining(['%3 has 1 axes behind its slot and is written at 2', '%3 is read as what it is not']),
  );
});

it('a view is of memory that is its own, of one type, and extents are counts', () => {
  expect(verifyProgram(withValue('%7', { aliasOf: '%99' }))).toContain(
    '%7 shares the memory of %99, which is no value of the program',
  );
  expect(verifyProgram(withValue('%4', { aliasOf: '%7' }))).toContain(
    '%4 shares the memory of %7, which has none of its own',
  );
  expect(verifyProgram(withValue('%7', { storage: 'f32' }))).toContain('%7 is f32 in memory that is bf16');
  expect(verifyProgram({ ...program, counts: ['B'] })).toContain('T, an extent of %0, is no count of the program');
});
