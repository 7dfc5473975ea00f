/**
 * The same program written otherwise, which is to give the same bits: operators of f32 joined to one, whose intermediates are
 * functions, and dimensions of other names.
 */
import { type Flow, nameOf } from './head.ts';
import type { ProgramText, Stage } from './program.ts';

export interface Twin {
  readonly name: string;
  readonly kind: 'joined' | 'renamed';
  readonly source: string;
  readonly operators: readonly string[];
  /** By the twin's own name of a dimension, that of the program's. */
  readonly renamed: Readonly<Record<string, string>>;
}

/** One operator of all, where each gives one tensor of f32 that is a function of its indices; null where they do not. */
export function joinedOperator(
  program: string,
  stages: readonly Stage[],
): (Omit<Twin, 'source'> & { readonly text: Omit<ProgramText, 'above'> }) | null {
  const last = stages.at(-1);
  if (last === undefined || stages.length < 2) return null;
  const before = stages.slice(0, -1);
  if (!before.every(({ outputs }) => outputs.length === 1 && outputs.every(({ isPlain }) => isPlain))) return null;
  if (last.outputs.length !== 1 || !last.outputs.every(({ isPlain }) => isPlain)) return null;
  const made = new Set(before.flatMap(({ outputs }) => outputs.map(({ flow }) => nameOf(flow))));
  const [first, ...others] = stages.map(({ head }) => head);
  if (first === undefined) return null;
  const head = others.reduce((all, other) => all.joinedWith(other), first).without(made);
  const functions = before.flatMap((stage) => [
    ...stage.functions,
    ...stage.outputs.map(({ flow }, place) => functionOf(flow, stage.definitions[place] ?? '')),
  ]);
  return {
    name: `${program}Joined`,
    kind: 'joined',
    operators: [`${program}Joined`],
    renamed: {},
    text: {
      head: head.text(last.outputs.map(({ flow }) => flow)),
      functions: [...functions, ...last.functions],
      outputs: last.outputs.map(({ flow }, place) => `${nameOf(flow)}: ${last.definitions[place]}`),
    },
  };
}

/** `const y = (t: number, h: number): number => …;` of an output's definition. */
function functionOf(flow: Flow, definition: string): string {
  const [, parameters = '', body = ''] = /^\(([^)]*)\) => ([\s\S]*)$/.exec(definition) ?? [];
  const typed = parameters.split(', ').map((parameter) => `${parameter}: number`);
  return `const ${nameOf(flow)} = (${typed.join(', ')}): number => ${body};`;
}

const otherNames: Readonly<Record<string, string>> = {
  H: 'Width',
  D: 'Depth',
  N: 'Columns',
  T: 'Tokens',
  R: 'Rows',
  S: 'States',
  B: 'Sequences',
};

/** The program's operators with all dimensions but those that follow from others named otherwise. */
export function renamedOperators({ name }: { readonly name: string }, operators: readonly string[]): Twin {
  const names = Object.keys(otherNames).join('|');
  const text = operators
    .join('')
    .replaceAll(new RegExp(`\\b(${names})\\b`, 'g'), (dimension) => otherNames[dimension] ?? dimension);
  const exported = [...text.matchAll(/^export const (\w+)/gm)].map(([, own = '']) => own);
  const source = exported.reduce(
    (renamed, own) => renamed.replace(`export const ${own} =`, `export const ${own}Renamed =`),
    text,
  );
  return {
    name: `${name}Renamed`,
    kind: 'renamed',
    source,
    operators: exported.map((own) => `${own}Renamed`),
    renamed: Object.fromEntries(Object.entries(otherNames).map(([own, other]) => [other, own])),
  };
}
