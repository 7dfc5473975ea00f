/** Messages about what an author writes inside `define`. */
import { foreignMends, globalMends, mathMends } from './elsewhere.ts';

const means = (nearest: string | null, otherwise: string): string =>
  nearest === null ? otherwise : `Did you mean \`${nearest}\`?`;

const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

const reductions = ['sum', 'max', 'argmax'];

/** `define`'s arguments by their order, for names that are looked for in the wrong one. */
const DEFINE =
  '`define` is given dimensions, inputs and attrs in this order: `define: ({ T, H }, { x }, { scale }) => …`.';

export const expressionMessages = {
  'unknown-name': (name: string, nearest: string | null) => ({
    message: `${name} is not defined here`,
    mend: foreignMends[name] ?? means(nearest, `Import ${name}, or declare it as a parameter or a const.`),
  }),
  'not-imported': (name: string) => ({
    message: `${name} is not defined here`,
    mend: `Import it: \`import { ${name} } from 'warpsmith/dsl'\`.`,
  }),
  'javascript-global': (name: string) => ({
    message: `${name} belongs to JavaScript, and the targets have no such thing`,
    mend: globalMends[name] ?? 'Inside an operator use arithmetic and the functions of warpsmith/dsl.',
  }),
  'missing-export': (name: string, specifier: string, nearest: string | null) => ({
    message: `${name} is not exported by '${specifier}'`,
    mend: means(nearest, 'Check the import: the module must exist and export the name.'),
  }),
  'from-package': (name: string, specifier: string) => ({
    message: `${name} comes from the package '${specifier}', whose code cannot be compiled for the targets`,
    mend: 'Write the function here or in a module of your own: the compiler reads its source.',
  }),
  'from-data-file': (name: string, specifier: string) => ({
    message: `${name} comes from '${specifier}', and the compiler reads TypeScript and JavaScript alone`,
    mend: 'Write its numbers in a module of your own, as `export const`s, or make them attrs of the operator.',
  }),
  'captured-let': (name: string) => ({
    message: `${name} may change: an operator means the same at every call`,
    mend: `Declare it \`const ${name}\`, or make it one of the operator's attrs.`,
  }),
  'captured-class': (name: string) => ({
    message: `${name} is not a number, a dimension or a function`,
    mend: 'Inside an operator use number literals, dimensions, attrs and pure functions.',
  }),
  'captured-value': (name: string) => ({
    message: `${name} has no value that is known when the operator is compiled`,
    mend: `Give it a value where it is declared, or make it one of the operator's attrs.`,
  }),
  'const-cycle': (name: string) => ({
    message: `${name} is defined by itself`,
    mend: 'Break the cycle of consts: one of them needs a value of its own.',
  }),
  recursion: (cycle: string) => ({
    message: `these functions call each other for ever: ${cycle}`,
    mend: 'Functions are inlined where they are called, so none may call itself; write a repetition as a reduction such as `sum(N, i => …)`.',
  }),
  'async-function': (name: string) => ({
    message: `${name} is asynchronous, and an operator has nothing to wait for`,
    mend: 'Remove `async`: give the value itself.',
  }),
  'generator-function': (name: string) => ({
    message: `${name} is a generator`,
    mend: 'Write a function that returns one value.',
  }),
  await: () => ({ message: 'an operator has nothing to wait for', mend: 'Remove `await`.' }),
  loop: (keyword: string) => ({
    message: `a \`${keyword}\` loop has no meaning inside an operator`,
    mend: 'Write a reduction: `sum(N, i => …)`, `max(N, i => …)` or another one.',
  }),
  'branch-statement': () => ({
    message: 'a branch is an expression here, not a statement',
    mend: 'Write `condition ? a : b`; only the chosen side is evaluated.',
  }),
  'local-let': (keyword: string) => ({
    message: `\`${keyword}\` declares a variable, and nothing varies inside an operator`,
    mend: 'Write `const`, with a new name for each value; what a loop would add up is `sum(N, i => …)`.',
  }),
  assignment: (text: string, isElement: boolean) => ({
    message: `\`${text}\` assigns, and nothing varies inside an operator`,
    mend: isElement
      ? 'An output is what its function returns for each index; places that are computed are written by `scatter`.'
      : 'Declare a new `const` for the new value.',
  }),
  'element-by-brackets': (text: string, call: string, isTensor: boolean) => ({
    message: `\`${text}\` takes an element by brackets`,
    mend: isTensor
      ? `A tensor is called: write \`${call}\`.`
      : `Name each value, or make the list an input, such as \`f32(4)\`, and call it: \`${call}\`.`,
  }),
  'no-value': (text: string) => ({
    message: `\`${text}\` is no number`,
    mend: 'Give a number, such as 0: every element of an output has one.',
  }),
  bigint: (text: string) => ({
    message: `\`${text}\` is a BigInt, which the targets do not have`,
    mend: `Write \`${text.slice(0, -1)}\`.`,
  }),
  statement: (text: string) => ({
    message: `the statement \`${text}\` has no effect that an operator could have`,
    mend: 'A body is `const`s and one `return`.',
  }),
  'no-return': (name: string) => ({
    message: `${name} returns nothing`,
    mend: 'End the body with `return` and a value.',
  }),
  'no-body': (name: string) => ({
    message: `${name} is declared and has no body`,
    mend: 'Give it a body: the compiler reads its source.',
  }),
  syntax: (text: string) => ({
    message: `\`${text}\` is not part of the language`,
    mend: 'Inside an operator write arithmetic, comparisons, `?:`, `&&`, `||`, `!`, local `const`s and calls of pure functions.',
  }),
  spread: (text: string) => ({ message: `\`${text}\` spreads a list`, mend: 'Write the arguments one by one.' }),
  'rest-parameter': (text: string) => ({
    message: `\`${text}\` takes a number of values that is not known`,
    mend: 'Name each of them.',
  }),
  'missing-argument': (callee: string, parameter: string) => ({
    message: `${callee} is called without its argument \`${parameter}\``,
    mend: 'Give the argument, or a default where the parameter is declared.',
  }),
  destructuring: (found: string) => ({
    message: `${found} cannot be taken apart by this pattern`,
    mend: 'Name the value as a whole.',
  }),
  'unknown-key': (
    of: 'dimension' | 'input' | 'attr' | 'field',
    key: string,
    known: readonly string[],
    nearest: string | null,
    role: string | null,
  ) => {
    if (role === 'output')
      return {
        message: `${key} is an output, and an operator does not read what it writes`,
        mend: 'Put what several outputs need into a pure function that each calls.',
      };
    if (role !== null && role !== of)
      return { message: `${key} is not a ${of} but an ${role}`.replace('an dim', 'a dim'), mend: DEFINE };
    const declared = { dimension: 'dims', input: 'inputs', attr: 'attrs', field: '' }[of];
    const listed = known.length > 0 ? `; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}` : '';
    return {
      message:
        of === 'field' ? `there is no ${key} here${listed}` : `${key} is not among the operator's ${declared}${listed}`,
      mend: means(
        nearest,
        of === 'field' ? 'Use one of the names that are there.' : `Declare ${key} in \`${declared}\`.`,
      ),
    };
  },
  'unknown-field': (tensor: string, field: string, known: readonly string[]) => ({
    message: `${tensor} has no field ${field}`,
    mend: `Its fields are ${list(known)}.`,
  }),
  property: (text: string, found: string, name: string, receiver: string, isOfLanguage: boolean) => ({
    message: `\`${text}\` asks for a property of ${found}`,
    mend: reductions.includes(name)
      ? `Write a reduction over an extent: \`${name}(N, i => ${receiver}(…, i))\`.`
      : isOfLanguage
        ? `Import \`${name}\` from warpsmith/dsl and write \`${name}(${receiver})\`.`
        : found === 'a list'
          ? 'Write a reduction, such as `sum(N, i => …)`, or name each value.'
          : 'Use the value itself; a tensor is called with its indices.',
  }),
  'object-form': (text: string) => ({
    message: `\`${text}\` is not a plain key and value`,
    mend: 'Write each key out, as `key: value`, `key` or `key: (…) => …`.',
  }),
  'math-function': (name: string) => ({
    message: `Math.${name} is not part of the language`,
    mend:
      mathMends[name] ??
      (['exp', 'log', 'sqrt', 'tanh', 'sin', 'cos', 'abs', 'floor'].includes(name)
        ? `Import \`${name}\` from warpsmith/dsl and call that.`
        : 'Write it with the functions of warpsmith/dsl.'),
  }),
  operator: (op: string) => ({
    message: `\`${op}\` is not an operator of the language`,
    mend:
      op === '**'
        ? 'Multiply, or write `exp(y * log(x))`.'
        : op === '??'
          ? 'Every element has a value: leave it out.'
          : 'The operators are `+ - * /`, comparisons, `&& || !` and `?:`.',
  }),
  'operator-inside': (name: string) => ({
    message: `${name} is an operator, and an operator cannot be called inside another`,
    mend: 'Put the shared formula into a pure function that both call; operators are joined where the model calls them.',
  }),
  'not-callable': (text: string, found: string) => ({
    message: `\`${text}\` calls ${found}`,
    mend: 'Only functions and tensors are called.',
  }),
  'paged-without-field': (tensor: string, fields: readonly string[]) => ({
    message: `${tensor} is a paged cache and is read by field`,
    mend: `Write ${fields.map((field) => `\`${tensor}.${field}(…)\``).join(' or ')}.`,
  }),
  'not-a-number': (text: string, found: string, isTensor: boolean) => ({
    message: `\`${text}\` is ${found}, where a number is needed`,
    mend: isTensor
      ? 'Read an element: call the tensor with an index for each axis.'
      : found === 'a condition'
        ? 'Write `condition ? 1 : 0`; a chain of comparisons is `a < b && b < c`.'
        : found.startsWith('the string')
          ? 'An operator knows numbers alone: write one operator for each case, or give a number by an attr.'
          : 'Give an expression whose value is a number.',
  }),
  'not-a-condition': (text: string, found: string) => ({
    message: `\`${text}\` is ${found}, where a condition is needed`,
    mend: 'Compare it, as in `x > 0` or `n !== 0`.',
  }),
  'not-an-index': (text: string, found: string, what: string) => ({
    message: `\`${text}\` is ${found} and not a whole number, as ${what} must be`,
    mend: found.startsWith('the string')
      ? 'Write a dimension without quotes, as the function is given it; a type of elements is named by the declaration, as in `f32(T, H)`.'
      : found === 'a range'
        ? 'Write how many there are, and begin at the first: `sum(high - low, i => … low + i …)`.'
        : 'Indices come from dimensions, other indices and i32 tensors, by `+ - *`, `idiv` and `mod`.',
  }),
  'index-division': (left: string, right: string) => ({
    message: `\`${left} / ${right}\` divides an index, which has no fractions`,
    mend: `Write \`idiv(${left}, ${right})\`; for a fraction multiply by one, as in \`${left} * (1 / N)\`.`,
  }),
  'index-remainder': (left: string, right: string) => ({
    message: `\`${left} % ${right}\` keeps the sign of \`${left}\`, and between numbers with fractions it rounds`,
    mend: `Write \`mod(${left}, ${right})\` between indices.`,
  }),
  'index-count': (tensor: string, rank: number, found: number) => ({
    message: `${tensor} takes ${rank === 1 ? 'one index' : `${rank} indices`}, and ${found} ${found === 1 ? 'is' : 'are'} given`,
    mend: 'Give one index for each axis of its shape (of a paged field: sequence, position, then its axes).',
  }),
  'argument-count': (name: string, count: number, found: number) => ({
    message: `${name} takes ${count === 1 ? 'one argument' : `${count} arguments`}, and ${found} ${found === 1 ? 'is' : 'are'} given`,
    mend: reductions.includes(name)
      ? `Write \`${name}(N, i => …)\`: how many there are, and a function of the index.`
      : `Call ${name} with ${count === 1 ? 'one argument' : `${count} arguments`}.`,
  }),
  'not-a-body': (name: string, text: string) => ({
    message: `\`${text}\` is not a function, and ${name} asks for one of its index`,
    mend: `Write \`${name}(N, i => …)\`.`,
  }),
  'no-ragged-axis': (name: string) => ({
    message: `${name} asks about the tokens of sequences, and the operator has no ragged dimension`,
    mend: `Declare the tokens as \`ragged('T', 'B')\` in \`dims\`.`,
  }),
  'reduction-over-tokens': (name: string, tokens: string) => ({
    message: `${name} over ${tokens} runs across the tokens of all sequences of the batch`,
    mend: `Stay within a sequence: \`${name}(seqLen(s), i => … seqStart(s) + i …)\`.`,
  }),
  'contraction-form': (reread: string, other: string, axis: string, k: string) => ({
    message: `this sum is a contraction whose form cannot be compiled well: ${reread} is reread for every ${axis} of ${other}`,
    mend: `Write \`sum(K, ${k} => a(…, ${k}) * b(…, ${k}))\` with two tensors whose last index is ${k} itself: lay the tensor out so, or compute the other factor in an operator of its own.`,
  }),
  'state-read-unordered': (name: string) => ({
    message: `${name} is read here while the same operator updates it in place`,
    mend: `Read of ${name} only the element that is written, or read it in an operator of its own, before or after this one.`,
  }),
};
