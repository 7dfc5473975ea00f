/** Numbers: loads, arithmetic, functions of the language and of the author, ternaries that guard loads, and reductions. */
import { conditionOn } from './conditions.ts';
import { callOf, indexIn, wholeNumber } from './indices.ts';
import { reductionOf } from './reductions.ts';
import { type Cache, type Callable, deeper, type Scope } from './scope.ts';

/** Exact in every element type, so that ties between them are ties in every execution; and one that is not. */
const literals = ['1', '0.5', '2', '0.25', '-1', '1.5', '-0.75', '0', '3', '0.3'];

export function numberIn(scope: Scope): string {
  if (scope.fuel <= 0) return leaf(scope);
  return scope.choices.oneOf([5, () => leaf(scope)], [37, () => operationIn(scope)]);
}

/** A number that is computed: no load or name alone. */
export function operationIn(scope: Scope): string {
  const { choices } = scope;
  const inside = deeper(scope);
  const part = (): string => `(${numberIn(inside)})`;
  const { helpers } = scope;
  return choices.oneOf(
    [9, () => `${part()} ${choices.pick(['+', '-', '*'])} ${part()}`],
    [scope.reductions > 0 ? 9 : 0, () => reductionOf(scope)],
    [7, () => smooth(scope, numberIn(inside))],
    [3, () => guarded(scope)],
    [3, () => `${conditionOn(inside)} ? ${numberIn(inside)} : ${numberIn(inside)}`],
    [2, () => `${choices.pick(['minimum', 'maximum'])}(${numberIn(inside)}, ${numberIn(inside)})`],
    [2, () => `${part()} / ${divisor(inside)}`],
    [helpers.length > 0 ? 4 : 0, () => helped(inside)],
    [1, () => `(${wholeNumber(inside)}) * 0.5`],
    [1, () => `-${part()}`],
    [
      1,
      () =>
        `uniform(${choices.below(9)}, ${wholeNumber({ ...inside, fuel: 0 })}, ${wholeNumber({ ...inside, fuel: 0 })})`,
    ],
  );
}

function leaf(scope: Scope): string {
  const { choices, scalars } = scope;
  const tensors = scope.callables.filter(({ isIndex }) => !isIndex);
  return choices.oneOf(
    [tensors.length > 0 ? 12 : 0, () => callOf(scope, choices.pick(tensors))],
    [scalars.length > 0 ? 5 : 0, () => choices.pick(scalars)],
    [2, () => choices.pick(literals)],
    [scope.token !== null && scope.caches.length > 0 ? 8 : 0, () => cachedAtOwn(scope)],
  );
}

/** What is kept of the token itself; a padding token has no position. */
function cachedAtOwn(scope: Scope): string {
  const cache = scope.choices.pick(scope.caches);
  return `(pos(${scope.token}) >= 0 ? ${cachedAt(scope, cache, `pos(${scope.token})`)} : 0)`;
}

/** An element of a cache at a position of the token's sequence. */
export function cachedAt(scope: Scope, { name, fields }: Cache, position: string): string {
  const field = scope.choices.pick(Object.keys(fields));
  const rest = (fields[field] ?? []).map((extent) => indexIn(scope, extent));
  return `${name}.${field}(${[`seq(${scope.token})`, position, ...rest].join(', ')})`;
}

/** A function whose argument is kept where it is defined, and mostly where it does not grow without bound. */
function smooth({ choices }: Scope, x: string): string {
  return choices.pick([
    `abs(${x})`,
    `square(${x})`,
    `silu(${x})`,
    `tanh(${x})`,
    `exp(-abs(${x}))`,
    `sqrt(abs(${x}) + 0.5)`,
    `rsqrt(square(${x}) + 0.25)`,
    `log(1 + square(${x}))`,
    `sin(${x})`,
    `cos(${x})`,
    `sigmoid(${x})`,
    `geluTanh(${x})`,
    `softplus(${x})`,
    `floor(${x})`,
    `floor((${x}) * 4 + 0.5) * 0.25`,
    `exp(minimum(${x}, 4))`,
    `maximum(${x}, 0)`,
  ]);
}

function divisor(scope: Scope): string {
  const { choices } = scope;
  const x = numberIn({ ...scope, fuel: Math.min(scope.fuel, 1) });
  return choices.pick(['2', '3', `(1 + abs(${x}))`, `(0.5 + square(${x}))`, `(${x})`]);
}

function helped(scope: Scope): string {
  const { name, parameters } = scope.choices.pick(scope.helpers);
  return `${name}(${Array.from({ length: parameters }, () => numberIn(scope)).join(', ')})`;
}

/** A ternary whose condition keeps a moved index, or one of another extent, within its tensor. */
function guarded(scope: Scope): string {
  const { choices, variables } = scope;
  const tensors = scope.callables.filter(({ isIndex, shape }) => !isIndex && shape.length > 0);
  if (tensors.length === 0 || variables.length === 0) return leaf(scope);
  const tensor = choices.pick(tensors);
  const axis = choices.below(tensor.shape.length);
  const extent = tensor.shape[axis];
  if (extent === undefined) throw new Error(`${tensor.name} has no axis ${axis}`);
  const same = variables.filter((variable) => variable.extent.text === extent.text);
  const { name } = choices.pick(same.length > 0 ? same : variables);
  const by = 1 + choices.below(3);
  const [condition, index] =
    same.length > 0
      ? choices.pick([
          [`${name} >= ${by}`, `${name} - ${by}`],
          [`${name} + ${by} < ${extent.text}`, `${name} + ${by}`],
          [`${name} > 0 && ${name} < ${extent.text} - 1`, `${name} + 1`],
        ] as const)
      : ([`${name} < ${extent.text}`, name] as const);
  const otherwise = numberIn({ ...scope, fuel: Math.min(scope.fuel - 1, 1) });
  return `${condition} ? ${loadAt(scope, tensor, axis, index)} : ${otherwise}`;
}

function loadAt(scope: Scope, { name, shape }: Callable, axis: number, index: string): string {
  return `${name}(${shape.map((extent, place) => (place === axis ? index : indexIn(scope, extent))).join(', ')})`;
}
