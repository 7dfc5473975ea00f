/** Mistakes that are put into a program on purpose; each is refused by a diagnostic at its place. */
import type { Choices } from './choices.ts';
import type { ProgramText } from './program.ts';

export const mistakes = [
  'unknown name',
  'unknown function',
  'unknown tensor',
  'index out of range',
  'fraction as an index',
  'too many indices',
  'number as a condition',
  'function as a number',
  'fraction into indices',
  'assignment',
  'output missing',
  'loop',
] as const;

export type Mistake = (typeof mistakes)[number];

/** The program with one of them. */
export function mistakeIn(
  choices: Choices,
  program: ProgramText,
): { readonly mistake: Mistake; readonly text: ProgramText } {
  const mistake = choices.pick(mistakes);
  const number = (text: string): ProgramText => addOutput(program, 'f32(2)', `(i) => ${text}`);
  const tensor = tensorOf(program);
  const zeros = tensor.shape.map(() => '0');
  const load = (...indices: readonly string[]): string => `${tensor.name}(${indices.join(', ')})`;
  const texts: Readonly<Record<Mistake, () => ProgramText>> = {
    'unknown name': () => number('i * 0.5 + gamma'),
    'unknown function': () => number('expo(i * 0.5)'),
    'unknown tensor': () => number('unknown(i) + 1.5'),
    'index out of range': () => number(load(...zeros.slice(1), tensor.shape.at(-1) ?? '0')),
    'fraction as an index': () => number(load(...zeros.slice(1), 'i * 0.5')),
    'too many indices': () => number(load(...zeros, '0')),
    'number as a condition': () => number('i * 0.5 ? 1.5 : 0.5'),
    'function as a number': () => number('abs + i * 0.5'),
    'fraction into indices': () => addOutput(program, 'i32(2)', '(i) => i * 0.5'),
    assignment: () => number('{ let total = 0.5; total = total + i; return total; }'),
    'output missing': () => ({ ...program, outputs: program.outputs.slice(1) }),
    loop: () => number('{ for (;;) {} }'),
  };
  return { mistake, text: texts[mistake]() };
}

function addOutput(program: ProgramText, declaration: string, definition: string): ProgramText {
  const parts = program.head.parts.map((part) =>
    part.startsWith('outputs:') ? part.replace(/ \}\),$/, `, wrong: ${declaration} }),`) : part,
  );
  return { ...program, head: { ...program.head, parts }, outputs: [...program.outputs, `wrong: ${definition}`] };
}

/** The first tensor of numbers among the inputs. */
function tensorOf({ head }: ProgramText): { readonly name: string; readonly shape: readonly string[] } {
  const inputs = head.parts.find((part) => part.startsWith('inputs:')) ?? '';
  const [, name = 'x', shape = 'H'] = /(\w+): (?:act|f32|cache)\(([^)]*)\)/.exec(inputs) ?? [];
  return { name, shape: shape.split(', ') };
}
