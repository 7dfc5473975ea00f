/**
 * Typed bindings of an operator library: for each program an interface of its tensors and a function that opens it, so that
 * a wrong name, a wrong element type or a missing count is an error of the type checker.
 *
 * Needs: the manifest's programs. Leaves: the text of one module that imports `warpsmith` and nothing else.
 */
import {
  type FunctionDeclarationStructure,
  IndentationText,
  type InterfaceDeclarationStructure,
  Project,
  QuoteKind,
  StructureKind,
} from 'ts-morph';
import { CompileError } from '../errors.ts';
import type { ManifestProgram, ManifestValue } from '../manifest.ts';
import { pascalCase, TypeScriptNames } from './names.ts';
import type { BindingSubject } from './subject.ts';

export const BINDINGS_FILE = 'bindings.ts';

/** Throws CompileError where two tensors of a program have one name. */
export function bindingsText(subjects: readonly BindingSubject[]): string {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    manipulationSettings: {
      indentationText: IndentationText.TwoSpaces,
      quoteKind: QuoteKind.Single,
      useTrailingCommas: true,
    },
  });
  const names = new TypeScriptNames(WARPSMITH_NAMES);
  const bindings = subjects.map((subject) => bindingOf(subject, names));
  const file = project.createSourceFile(BINDINGS_FILE, {
    statements: [
      '/** Typed access to the operators of the library in this folder. Written by warpsmith; an edit is lost with the next build. */',
      {
        kind: StructureKind.ImportDeclaration,
        moduleSpecifier: 'warpsmith',
        namedImports: importsOf(subjects).map(({ name, isType }) => ({ name, isTypeOnly: isType })),
      },
      ...bindings.flatMap(({ tensors, open }) => [tensors, open]),
    ],
  });
  return file.getFullText();
}

interface Binding {
  readonly tensors: InterfaceDeclarationStructure;
  readonly open: FunctionDeclarationStructure;
}

function bindingOf({ program, formulas, ragged }: BindingSubject, names: TypeScriptNames): Binding {
  const name = names.fresh(program.name);
  const tensorsName = names.fresh(`${pascalCase(name)}Tensors`);
  const fromBatch = new Set([ragged?.tokens, ragged?.sequences]);
  const counts = unionOf(program.counts.filter((count) => !fromBatch.has(count)));
  const capacities = `OperatorOptions<${unionOf(program.counts)}>`;
  const handle = ragged ? 'RaggedOperatorHandle' : 'OperatorHandle';
  const handleType = `${handle}<${[tensorsName, ...(counts === 'never' ? [] : [counts])].join(', ')}>`;
  return {
    tensors: {
      kind: StructureKind.Interface,
      name: tensorsName,
      isExported: true,
      properties: tensorsOf(program).map(([tensor, value]) => ({
        name: TypeScriptNames.isName(tensor) ? tensor : JSON.stringify(tensor),
        type: ARRAY_TYPES[value.storage],
        isReadonly: true,
        docs: [describe(value)],
      })),
    },
    open: {
      kind: StructureKind.Function,
      name,
      isExported: true,
      docs: [documentation(formulas)],
      parameters: [
        { name: 'library', type: 'NativeLibrary' },
        { name: 'options', type: hasCache(program) ? `${capacities} & CacheOptions` : capacities },
      ],
      returnType: handleType,
      statements: (writer) => {
        writer.write(`return new ${handle}(library, `).quote(program.name).write(', options');
        if (ragged) writer.write(`, { tokens: ${literal(ragged.tokens)}, sequences: ${literal(ragged.sequences)} }`);
        writer.write(');');
      },
    },
  };
}

const ARRAY_TYPES: Readonly<Record<ManifestValue['storage'], string>> = {
  bf16: 'Uint16Array',
  f16: 'Uint16Array',
  f32: 'Float32Array',
  i32: 'Int32Array',
};

/** What the module imports; declarations of its own keep clear of these names. */
const WARPSMITH_NAMES = [
  'CacheOptions',
  'NativeLibrary',
  'OperatorHandle',
  'OperatorOptions',
  'RaggedOperatorHandle',
] as const;

function importsOf(
  subjects: readonly BindingSubject[],
): readonly { readonly name: string; readonly isType: boolean }[] {
  const used: Readonly<Record<(typeof WARPSMITH_NAMES)[number], boolean>> = {
    CacheOptions: subjects.some(({ program }) => hasCache(program)),
    NativeLibrary: subjects.length > 0,
    OperatorHandle: subjects.some(({ ragged }) => ragged === null),
    OperatorOptions: subjects.length > 0,
    RaggedOperatorHandle: subjects.some(({ ragged }) => ragged !== null),
  };
  return WARPSMITH_NAMES.filter((name) => used[name]).map((name) => ({ name, isType: !name.endsWith('Handle') }));
}

/** What a caller binds, outputs last, by the names under which the runtime knows them. */
function tensorsOf(program: ManifestProgram): readonly (readonly [string, ManifestValue])[] {
  const resultNames = new Map(Object.entries(program.results).map(([name, index]) => [index, name]));
  const named = program.values
    .map(
      (value, index) => [value.kind === 'result' ? (resultNames.get(index) ?? value.name) : value.name, value] as const,
    )
    .filter(([, { kind }]) => kind !== 'arena' && kind !== 'constant');
  const [twice] = named.filter(([name], place) => named.findIndex(([other]) => other === name) !== place);
  if (twice) {
    throw new CompileError(
      'name-taken',
      `the program ${program.name} has two tensors named ${twice[0]}.`,
      'Give the result or the input another name.',
    );
  }
  const isOutput = (value: ManifestValue): boolean => value.kind === 'result';
  return [...named.filter(([, value]) => !isOutput(value)), ...named.filter(([, value]) => isOutput(value))];
}

/** On a line of its own where there are several. */
function documentation(formulas: readonly string[]): string {
  const text = formulas.join('\n').replaceAll('*/', '* /');
  return formulas.length > 1 ? `\n${text}` : text;
}

function describe(value: ManifestValue): string {
  const kind = value.kind === 'result' ? 'output' : value.kind;
  if (value.pageElements > 0) return `${kind}, ${value.storage}[numBlocks, block size * ${value.pageElements}]`;
  return `${kind}, ${value.storage}[${value.shape.join(', ')}]`;
}

function hasCache(program: ManifestProgram): boolean {
  return program.values.some((value) => value.pageElements > 0);
}

function unionOf(names: readonly string[]): string {
  return names.length === 0 ? 'never' : names.map(literal).join(' | ');
}

function literal(name: string | null): string {
  return name === null ? 'null' : `'${name.replace(/['\\]/g, '\\$&')}'`;
}
