/** Index expressions: most lie in the extent that they are drawn for, for a reason that the range checker must find. */
import { conditionOn } from './conditions.ts';
import { numberIn } from './numbers.ts';
import { type Callable, deeper, type Extent, letterOf, type Scope, type Variable, within } from './scope.ts';

/** A load of a tensor, or a call of an author's function of indices; `last` is the last index where it is known. */
export function callOf(scope: Scope, { name, shape }: Pick<Callable, 'name' | 'shape'>, last?: string): string {
  const rows = last === undefined ? shape : shape.slice(0, -1);
  return `${name}(${[...rows.map((extent) => indexIn(scope, extent)), ...(last === undefined ? [] : [last])].join(', ')})`;
}

/** An index of [0, extent). */
export function indexIn(scope: Scope, extent: Extent): string {
  const { choices } = scope;
  const own = scope.variables.filter(({ extent: { text } }) => text === extent.text).reverse();
  const parts = indicesOfParts(scope, extent);
  const gathers = scope.callables.filter(({ contents }) => contents?.text === extent.text);
  const has = (list: readonly unknown[], weight: number): number => (list.length > 0 ? weight : 0);
  const deep = scope.fuel > 0 ? 1 : 0;
  return choices.oneOf(
    [has(own, 60), () => choices.pick(own).name],
    [has(parts, 24), () => choices.pick(parts)()],
    [has(own, 5), () => moved(scope, choices.pick(own))],
    [has(gathers, 14 * deep), () => callOf(deeper(scope), choices.pick(gathers))],
    [own.length + parts.length + gathers.length === 0 ? 20 : 1, () => confined(scope, extent)],
    [own.length === 0 && scope.reductions > 0 ? 2 * deep : 0, () => place(scope, extent)],
    [own.length > 0 ? 3 * deep : 0, () => chosen(scope, extent)],
  );
}

/** Of an axis that is made of others, an index by theirs; and the reverse. */
function indicesOfParts({ variables }: Scope, extent: Extent): readonly (() => string)[] {
  const { form, text } = extent;
  const over = (wanted: Extent): readonly Variable[] => variables.filter(({ extent: own }) => own.text === wanted.text);
  const made: (() => string)[] = [];
  if (form.kind === 'twice')
    for (const { name } of over(form.of)) {
      for (const way of [name, `${form.of.text} + ${name}`, `2 * ${name}`, `2 * ${name} + 1`]) made.push(() => way);
    }
  if (form.kind === 'sum') {
    for (const { name } of over(form.left)) made.push(() => name);
    for (const { name } of over(form.right)) made.push(() => `${form.left.text} + ${name}`);
  }
  if (form.kind === 'product')
    for (const left of over(form.left))
      for (const right of over(form.right)) made.push(() => `${left.name} * ${form.right.text} + ${right.name}`);
  for (const { name, extent: own } of variables) {
    if (own.form.kind === 'twice' && own.form.of.text === text) made.push(() => `idiv(${name}, 2)`);
    if (own.form.kind !== 'product') continue;
    const { left, right } = own.form;
    if (left.text === text) made.push(() => `idiv(${name}, ${right.text})`);
    if (right.text === text) made.push(() => `mod(${name}, ${right.text})`);
  }
  return made;
}

/** Reversed, or moved and held at the ends. */
function moved({ choices }: Scope, { name, extent }: Variable): string {
  const by = 1 + choices.below(3);
  return choices.pick([
    `${extent.text} - 1 - ${name}`,
    `minimum(${name} + ${by}, ${extent.text} - 1)`,
    `maximum(${name} - ${by}, 0)`,
    ...(extent.form.kind === 'count' || extent.form.kind === 'sequence'
      ? []
      : [`mod(${name} + ${by}, ${extent.text})`]),
  ]);
}

/** For want of an index over the extent itself: any other, brought into it. */
function confined(scope: Scope, { text }: Extent): string {
  const { choices, variables } = scope;
  if (variables.length === 0 || choices.chance(15)) return choices.pick(['0', `${text} - 1`]);
  const { name } = choices.pick(variables);
  const wide = text.includes(' ') ? `(${text})` : text;
  return choices.pick([
    `mod(${name}, ${text})`,
    `minimum(${name}, ${text} - 1)`,
    `${name} < ${text} ? ${name} : 0`,
    `mod(${name} * 3 + 1, ${wide})`,
  ]);
}

/** Where the largest of some numbers is. */
function place(scope: Scope, extent: Extent): string {
  const name = scope.fresh(letterOf(extent));
  const inside = within({ ...deeper(scope), reductions: scope.reductions - 1 }, { name, extent });
  return `argmax(${extent.text}, (${name}) => ${numberIn(inside)})`;
}

function chosen(scope: Scope, extent: Extent): string {
  const inside = deeper(scope);
  return `${conditionOn(inside)} ? ${indexIn(inside, extent)} : ${indexIn(inside, extent)}`;
}

/** A whole number that need lie nowhere. */
export function wholeNumber(scope: Scope): string {
  const { choices, variables, callables, integers } = scope;
  const tensors = callables.filter(({ isIndex }) => isIndex);
  const inside = deeper(scope);
  const leaf = (): string =>
    choices.oneOf(
      [variables.length > 0 ? 4 : 0, () => choices.pick(variables).name],
      [tensors.length > 0 && scope.fuel > 0 ? 3 : 0, () => callOf(inside, choices.pick(tensors))],
      [integers.length > 0 ? 2 : 0, () => choices.pick(integers)],
      [1, () => String(choices.below(7) - 1)],
      [scope.dimensions.length > 0 ? 1 : 0, () => choices.pick(scope.dimensions).text],
      [scope.token === null ? 0 : 3, () => `${choices.pick(['pos', 'seq'])}(${scope.token})`],
    );
  if (scope.fuel <= 0) return leaf();
  const part = (): string => `(${wholeNumber(inside)})`;
  return choices.oneOf(
    [5, leaf],
    [3, () => `${part()} ${choices.pick(['+', '-'])} ${part()}`],
    [1, () => `${part()} * ${1 + choices.below(4)}`],
    [2, () => `${choices.pick(['idiv', 'mod'])}(${wholeNumber(inside)}, ${1 + choices.below(5)})`],
    [1, () => `${choices.pick(['minimum', 'maximum'])}(${wholeNumber(inside)}, ${wholeNumber(inside)})`],
    [1, () => `-${part()}`],
    [2, () => `${conditionOn(inside)} ? ${wholeNumber(inside)} : ${wholeNumber(inside)}`],
    [scope.reductions > 0 && scope.dimensions.length > 0 ? 3 : 0, () => place(scope, choices.pick(scope.dimensions))],
  );
}
