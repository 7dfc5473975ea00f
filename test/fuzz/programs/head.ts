/** The head of a random operator: dimensions, inputs, attributes and outputs. */
import type { Choices } from './choices.ts';
import { type Callable, count, dimension, type Extent, productOf, type Sizes, sumOf, twice } from './scope.ts';

export interface Output {
  readonly name: string;
  readonly element: 'act' | 'f32' | 'i32';
  readonly shape: readonly Extent[];
  readonly form: 'map' | 'scatter' | 'attend';
  /** Of an attend: what its keys run over, how wide they are, and whether each head has keys of its own. */
  readonly attention?: { readonly keys: Extent; readonly depth: Extent; readonly hasOwnKeys: boolean };
}

export interface Head {
  readonly text: { readonly parts: readonly string[]; readonly parameters: string };
  readonly features: readonly Extent[];
  readonly isRagged: boolean;
  /** What expressions may read. */
  readonly inputs: readonly Callable[];
  readonly outputs: readonly Output[];
  readonly attrs: Sizes;
  readonly sizes: Sizes;
}

/** On both sides of what kernels take at once. */
const sizes: readonly number[] = [3, 2, 5, 8, 1, 7, 16, 17, 33, 12, 40, 64];

interface Input {
  readonly callable: Callable;
  readonly declaration: string;
  /** Whether expressions may read it: not one that an output of its own writes. */
  readonly isRead: boolean;
}

export function headOf(choices: Choices, fresh: (stem: string) => string): Head {
  const batch = choices.oneOf(
    [5, () => 'T' as const],
    [2, () => 'R' as const],
    [2, () => 'ragged' as const],
    [1, () => null],
  );
  const isRagged = batch === 'ragged';
  const rows = batch === null ? null : count(isRagged ? 'T' : batch);
  const features = ['H', 'D', 'N'].slice(0, 1 + choices.below(3)).map(dimension);
  const inputs: Input[] = [];
  const numbers = 1 + choices.below(3);
  for (let place = 0; place < numbers; place++)
    inputs.push(numbersInput(choices, fresh('x'), rows, features, place === 0));
  if (choices.chance(30)) inputs.push(indexInput(choices, fresh('ids'), rows, features));
  const attrs = choices.chance(25) ? { scale: choices.pick([0.5, 1.25, 0.3]) } : {};
  const outputs = Array.from({ length: choices.oneOf([20, () => 1], [2, () => 2], [1, () => 3]) }, () =>
    outputOf(choices, fresh, rows, features, isRagged, inputs),
  );
  const names = [...(isRagged ? ['B'] : []), ...features.map(({ text }) => text), ...(rows ? [rows.text] : [])];
  const states = outputs.some(({ form }) => form === 'scatter') ? ['S'] : [];
  const all = `{ ${[...names, ...states].join(', ')} }`;
  const dims = [
    ...(isRagged ? ["ragged('T', 'B')"] : rows ? [`'${rows.text}'`] : []),
    ...[...features.map(({ text }) => text), ...states].map((name) => `'${name}'`),
  ];
  const declared = (list: readonly string[]): string => `(${all}) => ({ ${list.join(', ')} })`;
  return {
    text: {
      parts: [
        `dims: [${dims.join(', ')}],`,
        `inputs: ${declared(inputs.map(({ declaration }) => declaration))},`,
        ...(Object.keys(attrs).length > 0 ? ['attrs: { scale: f32 },'] : []),
        `outputs: ${declared(outputs.map(declarationOf))},`,
      ],
      parameters: [
        all,
        `{ ${inputs.map(({ callable }) => callable.name).join(', ')} }`,
        ...(Object.keys(attrs).length > 0 ? ['{ scale }'] : []),
      ].join(', '),
    },
    features,
    isRagged,
    inputs: inputs.filter(({ isRead }) => isRead).map(({ callable }) => callable),
    outputs,
    attrs,
    sizes: Object.fromEntries(features.map(({ text }) => [text, choices.pick(sizes)])),
  };
}

const shapeText = (shape: readonly Extent[]): string => shape.map(({ text }) => text).join(', ');

const declarationOf = ({ name, element, shape, form }: Output): string =>
  form === 'scatter'
    ? `${name}: state(${element}(${shapeText([count('S'), ...shape.slice(1)])}))`
    : `${name}: ${element}(${shapeText(shape)})`;

function numbersInput(
  choices: Choices,
  name: string,
  rows: Extent | null,
  features: readonly Extent[],
  isFirst: boolean,
): Input {
  const element = choices.oneOf(
    [5, () => 'act'],
    [2, () => 'f32'],
    [isFirst ? 0 : 3, () => 'weight'],
    [1, () => 'cache'],
  );
  const leading = rows !== null && element !== 'weight' && (isFirst || choices.chance(60)) ? [rows] : [];
  const most = element === 'weight' || leading.length > 0 ? 2 : 3;
  const trailing = Array.from({ length: (leading.length > 0 ? 0 : 1) + choices.below(most) || (isFirst ? 1 : 0) }, () =>
    axisOf(choices, features),
  );
  const shape = [...leading, ...trailing];
  return {
    callable: { name, shape, contents: null, isIndex: false },
    declaration: `${name}: ${element}(${shapeText(shape)})`,
    isRead: true,
  };
}

/** A dimension, or an axis made of several. */
function axisOf(choices: Choices, features: readonly Extent[]): Extent {
  const plain = (): Extent => choices.pick(features);
  return choices.oneOf(
    [12, plain],
    [1, () => twice(plain())],
    [1, () => sumOf(plain(), plain())],
    [1, () => productOf(plain(), plain())],
  );
}

function indexInput(choices: Choices, name: string, rows: Extent | null, features: readonly Extent[]): Input {
  const leading = rows !== null && choices.chance(70) ? [rows] : [choices.pick(features)];
  const shape = [...leading, ...(choices.chance(25) ? [choices.pick(features)] : [])];
  const contents = choices.pick([...features, ...(rows ? [rows] : [])]);
  return {
    callable: { name, shape, contents, isIndex: true },
    declaration: `${name}: i32(${shapeText(shape)}).in(0, ${contents.text})`,
    isRead: true,
  };
}

function outputOf(
  choices: Choices,
  fresh: (stem: string) => string,
  rows: Extent | null,
  features: readonly Extent[],
  isRagged: boolean,
  inputs: Input[],
): Output {
  const taken = inputs.some(({ isRead }) => !isRead);
  const form = choices.oneOf(
    [30, () => 'map' as const],
    [rows !== null && !taken ? 1 : 0, () => 'scatter' as const],
    [rows !== null && !taken ? 1 : 0, () => 'attend' as const],
  );
  const name = fresh('y');
  const element = choices.oneOf(
    [5, () => 'act' as const],
    [3, () => 'f32' as const],
    [form === 'map' ? 1 : 0, () => 'i32' as const],
  );
  const leading = rows !== null && (form !== 'map' || choices.chance(85)) ? [rows] : [];
  const shape = [
    ...leading,
    ...Array.from({ length: (leading.length === 0 ? 1 : 0) + choices.below(3) }, () => axisOf(choices, features)),
  ];
  if (form === 'scatter' && rows !== null) {
    inputs.push(unread('rows', `rows: i32(${rows.text}).in(-1, S)`));
    inputs.push(unread(name, declarationOf({ name, element, shape, form })));
  }
  if (form !== 'attend' || rows === null) return { name, element, shape, form };
  // Queries, keys and values of heads; a dense batch has keys that all of its queries see.
  const width = choices.pick(features);
  const heads = choices.chance(70) ? [choices.pick(features)] : [];
  const keys = isRagged ? rows : choices.pick(features);
  const shared = choices.chance(30) ? [] : heads;
  const depth = choices.pick(features);
  inputs.push(unread('q', `q: act(${shapeText([rows, ...heads, depth])})`));
  inputs.push(unread('keys', `keys: act(${shapeText([keys, ...shared, depth])})`));
  inputs.push(unread('values', `values: act(${shapeText([keys, ...shared, width])})`));
  return {
    name,
    element,
    shape: [rows, ...heads, width],
    form,
    attention: { keys, depth, hasOwnKeys: shared.length > 0 },
  };
}

const unread = (name: string, declaration: string): Input => ({
  callable: { name, shape: [], contents: null, isIndex: false },
  declaration,
  isRead: false,
});
