/** Messages about an operator's head, and about what its outputs are defined to be. */

const means = (nearest: string | null, otherwise: string): string =>
  nearest === null ? otherwise : `Did you mean \`${nearest}\`?`;

export const declarationMessages = {
  'op-form': (name: string) => ({
    message: `${name} does not spell its parts out where \`op\` is called`,
    mend: 'Write `op({ dims, inputs, outputs, define })` with an object literal: the compiler reads it as it stands.',
  }),
  'op-part-missing': (name: string, part: string) => ({
    message: `${name} has no \`${part}\``,
    mend: `Add \`${part}\` to the operator.`,
  }),
  'op-part-unknown': (part: string, nearest: string | null) => ({
    message: `an operator has no part \`${part}\``,
    mend: means(nearest, 'The parts are `dims`, `where`, `inputs`, `attrs`, `outputs`, `relaxed` and `define`.'),
  }),
  'operator-not-exported': (name: string) => ({
    message: `the operator ${name} is not exported, so that the compiler cannot match it to its source`,
    mend: `Write \`export const ${name} = op({ … })\` at the top level of the file.`,
  }),
  'operator-without-name': () => ({
    message: 'this operator is created where it has no exported name, by which the compiler finds its source',
    mend: 'Write `export const name = op({ … })` at the top level of the file; a number that differs is an attr.',
  }),
  'declared-twice': (name: string) => ({
    message: `${name} is declared twice`,
    mend: 'Give one of them another name.',
  }),
  'not-typescript': (reason: string) => ({
    message: `this is not TypeScript: ${reason}`,
    mend: 'Look at this place and the line before it: a bracket, a comma or a value may be missing.',
  }),
  'extent-not-positive': (extent: number) => ({
    message: `an axis cannot have the extent ${extent}`,
    mend: 'Give a dimension, or a number from 1 on.',
  }),
  'part-not-function': (part: string) => ({
    message: `\`${part}\` is not a function written here or in a module of your own`,
    mend: `Write \`${part}: (…) => …\`.`,
  }),
  'dims-form': () => ({
    message: '`dims` is not a list of names',
    mend: "Write `dims: ['T', 'H']`, with `ragged('T', 'B')` for T tokens of B sequences.",
  }),
  'dims-twice': (name: string) => ({
    message: `the dimension ${name} is declared twice`,
    mend: 'Give each dimension a name of its own.',
  }),
  'attr-form': (name: string) => ({
    message: `\`${name}\` has no type an attr can have`,
    mend: 'Write `attrs: { scale: f32 }`, with `f32` or `i32`.',
  }),
  'where-form': (found: string) => ({
    message: `\`where\` gives ${found} and not a list of conditions`,
    mend: 'Write `where: ({ HQ, HK }) => [HQ % HK === 0]`.',
  }),
  'relaxed-form': (found: string) => ({
    message: `\`relaxed\` is ${found} and neither true nor false`,
    mend: 'Write `relaxed: true` where outputs need no rounding between fused operators, or leave it out.',
  }),
  'tensors-form': (part: string, found: string) => ({
    message: `\`${part}\` gives ${found} and not tensors by name`,
    mend: `Write \`${part}: ({ T, H }) => ({ x: act(T, H) })\`.`,
  }),
  'tensor-form': (name: string, found: string) => ({
    message: `${name} is declared as ${found}`,
    mend: 'Declare a tensor by `act`, `weight`, `cache`, `f32`, `i32`, `state`, `paged` or `kvCache`, with its shape.',
  }),
  'range-of-floats': () => ({
    message: '`.in(low, high)` gives the range of indices, and these contents are none',
    mend: 'Declare the tensor as `i32(…)`.',
  }),
  'state-form': (found: string) => ({
    message: `\`state\` is given ${found}`,
    mend: 'Write `state(i32(R, V))` or another element type; a paged cache is a state as it is.',
  }),
  'paged-form': () => ({
    message: 'a paged cache is declared by the shape of each of its fields',
    mend: 'Write `paged({ k: [HK, D], v: [HK, D] })`.',
  }),
  'state-without-input': (name: string) => ({
    message: `${name} is written as a state, and there is no input ${name} of which it would be the next version`,
    mend: `Declare ${name} among the inputs too, in the same way.`,
  }),
  'output-is-input': (name: string) => ({
    message: `${name} is both an input and an output`,
    mend: 'Give the output a name of its own; only a state has a next version under its own name.',
  }),
  'define-result': (found: string) => ({
    message: `\`define\` gives ${found} and not a definition by output`,
    mend: 'Write `define: (dims, inputs) => ({ y: (t, h) => … })`.',
  }),
  'output-missing': (name: string) => ({
    message: `the output ${name} is not defined`,
    mend: `Give \`${name}: (…) => …\` in what \`define\` returns.`,
  }),
  'output-unknown': (name: string, nearest: string | null) => ({
    message: `${name} is defined, and there is no such output`,
    mend: means(nearest, `Declare ${name} in \`outputs\`, or leave it out.`),
  }),
  'output-not-function': (name: string, found: string) => ({
    message: `the output ${name} is ${found} and not a function of its indices`,
    mend: `Write \`${name}: (t, h) => …\` with an index for each axis.`,
  }),
  'output-indices': (name: string, rank: number, found: number) => ({
    message: `${name} has ${rank === 1 ? 'one axis' : `${rank} axes`}, and its function takes ${found === 1 ? 'one index' : `${found} indices`}`,
    mend: 'Take one index for each axis, in the order of the shape.',
  }),
  'attend-indices': (name: string, rank: number, found: number) => ({
    message: `${name} has ${rank} axes, and its attend is given for ${found === 1 ? 'one index' : `${found} indices`}`,
    mend: 'The function takes all axes but the last, which is the index of `value`.',
  }),
  'attend-range': (text: string) => ({
    message: `\`${text}\` is not a range of keys`,
    mend: 'Write `attend(range(low, high), (j) => ({ score, value }))`.',
  }),
  'attend-value': (found: string) => ({
    message: `the \`value\` of an attend is ${found}`,
    mend: 'Write a function of the last axis: `value: (d) => …`.',
  }),
  'parts-form': (form: string, found: string) => ({
    message: `${form} is described by ${found}`,
    mend:
      form === 'attend'
        ? 'Return `({ score, value })`, and `mask` where keys are left out.'
        : 'Return `({ slot, … })` with what is written.',
  }),
  'part-missing': (form: string, part: string) => ({
    message: `${form} is not given its \`${part}\``,
    mend: `Add \`${part}\` to what its function returns.`,
  }),
  'part-unknown': (form: string, part: string, known: readonly string[], nearest: string | null) => ({
    message: `${form} has no part \`${part}\``,
    mend: means(nearest, `Its parts are ${known.map((name) => `\`${name}\``).join(', ')}.`),
  }),
  'state-not-scattered': (name: string, found: string) => ({
    message: `the state ${name} is ${found}, and a state is only written by scatter`,
    mend: `Write \`${name}: scatter(N, (n) => ({ slot: …, … }))\`: what is not written stays as it was.`,
  }),
  'scatter-into-dense': (name: string) => ({
    message: `${name} is written by scatter, and it is not a state: places that are not written would hold nothing`,
    mend: `Declare ${name} as \`state(…)\` among inputs and outputs, or define it for every index.`,
  }),
  'dense-scatter-form': (name: string) => ({
    message: `a scatter into ${name} writes one \`value\``,
    mend: 'Write `scatter(N, (n) => ({ slot: [row, column], value: … }))`.',
  }),
  'slot-count': (name: string, expected: string, found: number) => ({
    message: `a scatter into ${name} takes ${expected}, and ${found} ${found === 1 ? 'is' : 'are'} given`,
    mend: 'Give a slot index for each leading axis; `value` is a function of the axes that remain.',
  }),
  'field-missing': (name: string, field: string) => ({
    message: `a scatter into ${name} does not write its field ${field}`,
    mend: `Add \`${field}: (…) => …\`.`,
  }),
  'float-into-index': (name: string) => ({
    message: `${name} holds whole numbers, and a number with a fraction is stored to it: the fraction would be lost`,
    mend: `Declare ${name} as \`f32(…)\`, or store an index.`,
  }),
};
