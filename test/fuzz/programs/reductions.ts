/** Reductions of every kind over dimensions, prefixes and the tokens of a sequence, and the two in a row that norms are made of. */
import { callOf } from './indices.ts';
import { cachedAt, numberIn } from './numbers.ts';
import {
  type Callable,
  deeper,
  type Extent,
  letterOf,
  literal,
  positions,
  type Scope,
  type Variable,
  within,
} from './scope.ts';

export function reductionOf(scope: Scope): string {
  const { choices } = scope;
  const products = scope.callables.filter(({ isIndex, shape }) => !isIndex && shape.length > 0);
  return choices.oneOf(
    [40, () => simple(scope, choices.pick(['sum', 'max', 'mean', 'sum']))],
    [products.length > 1 ? 20 : 0, () => product(scope)],
    [12, () => normalized(scope)],
    [scope.token !== null && scope.caches.length > 0 ? 40 : 0, () => overCache(scope)],
    // Rarely, since a simulated GPU takes a tenth of a second for a row.
    [scope.row === null ? 0 : 1, () => selected(scope, scope.row)],
  );
}

/** `name(extent, (i) => body)`. */
function reduce(
  scope: Scope,
  name: string,
  extent: Extent,
  body: (inside: Scope, variable: Variable) => string,
): string {
  const variable = { name: scope.fresh(letterOf(extent)), extent };
  const inside = within({ ...deeper(scope), reductions: scope.reductions - 1 }, variable);
  return `${name}(${extent.text}, (${variable.name}) => ${body(inside, variable)})`;
}

function simple(scope: Scope, name: string): string {
  const extent = extentFor(scope, name === 'mean');
  return reduce(scope, name, extent, (inside) => numberIn(inside));
}

/** Over the positions of a sequence that are in a cache. */
function overCache(scope: Scope): string {
  const { choices, token } = scope;
  const cache = choices.pick(scope.caches);
  const extent = positions(choices.pick([`pos(${token}) + 1`, `contextLen(seq(${token}))`]));
  return reduce(scope, choices.pick(['sum', 'max']), extent, (inside, { name }) => {
    const row = { ...inside, fuel: Math.min(inside.fuel, 1) };
    return `(${cachedAt(row, cache, name)}) * (${numberIn(row)})`;
  });
}

/** An extent to reduce over: a dimension mostly; a prefix of one, or the tokens of a sequence. */
function extentFor(scope: Scope, isDivisor: boolean): Extent {
  const { choices, dimensions, variables, token } = scope;
  const prefixes = variables.filter(({ extent }) => extent.form.kind === 'dimension');
  return choices.oneOf(
    [dimensions.length > 0 ? 12 : 0, () => choices.pick(dimensions)],
    [dimensions.length === 0 ? 12 : 1, () => literal(1 + choices.below(6))],
    [
      prefixes.length > 0 && !isDivisor ? 2 : 0,
      (): Extent => {
        const { name, extent } = choices.pick(prefixes);
        return { text: `${name} + 1`, size: extent.size, form: { kind: 'prefix' } };
      },
    ],
    [
      token === null || isDivisor ? 0 : 2,
      (): Extent => ({ text: `seqLen(seq(${token}))`, size: () => 6, form: { kind: 'sequence' } }),
    ],
  );
}

/** Two tensors along one index, in the form of a contraction where their last axes are one dimension. */
function product(scope: Scope): string {
  const { choices, callables } = scope;
  const numbers = callables.filter(({ isIndex, shape }) => !isIndex && shape.length > 0);
  const left = choices.pick(numbers);
  const last = left.shape.at(-1);
  const partners = numbers.filter((other) => other !== left && other.shape.at(-1)?.text === last?.text);
  if (last === undefined || partners.length === 0 || last.form.kind === 'count') return simple(scope, 'sum');
  const right = choices.pick(partners);
  const variable = { name: scope.fresh('k'), extent: last };
  const inside = within({ ...scope, reductions: scope.reductions - 1, fuel: Math.min(scope.fuel - 1, 1) }, variable);
  // The other indices do not run along the sum.
  const along = (tensor: Callable): string => callOf({ ...inside, variables: scope.variables }, tensor, variable.name);
  const factor = choices.chance(25) ? `${numberIn({ ...scope, fuel: 0 })} * ` : '';
  return `sum(${last.text}, (${variable.name}) => ${factor}${along(left)} * ${along(right)})`;
}

/** What softmax and the norms do: a statistic of a row, and the row seen through it. */
function normalized(scope: Scope): string {
  const { choices, dimensions } = scope;
  const [extent] = dimensions.length > 0 ? [choices.pick(dimensions)] : [literal(4)];
  const row = { ...scope, fuel: Math.min(scope.fuel - 1, 2), reductions: scope.reductions - 1 };
  const name = scope.fresh(letterOf(extent));
  const body = numberIn(within(row, { name, extent }));
  const over = (how: string, wrap: (x: string) => string): string =>
    `${how}(${extent.text}, (${name}) => ${wrap(`(${body})`)})`;
  const value = numberIn({ ...row, fuel: Math.min(row.fuel, 1) });
  return choices.oneOf(
    [2, () => `(${value}) * rsqrt(${over('mean', (x) => `square(${x})`)} + 0.25)`],
    [2, () => `exp((${value}) - ${over('max', (x) => x)}) / (0.5 + ${over('sum', (x) => `exp(-abs(${x}))`)})`],
    [1, () => `${over('max', (x) => x)} + log(${over('sum', (x) => `exp(${x} - ${over('max', (y) => y)})`)})`],
    [1, () => `(${value}) - ${over('mean', (x) => x)}`],
  );
}

/** As much work as the selection of a row is to threads that are simulated. */
const SELECTION = literal(400);

/** The k-th largest, or where the mass of the largest reaches a share: of a row, and not of each of its elements. */
function selected(scope: Scope, row: Variable | null): string {
  const { choices, dimensions } = scope;
  const extent = dimensions.length > 0 ? choices.pick(dimensions) : literal(5);
  const variable = { name: scope.fresh(letterOf(extent)), extent };
  const rows = row === null ? [] : [row];
  const outer = { ...scope, variables: rows, loops: [...rows.map((each) => each.extent), SELECTION] };
  const inside = within({ ...deeper(outer), reductions: 0, fuel: Math.min(scope.fuel - 1, 1) }, variable);
  const body = numberIn(inside);
  return choices.pick([
    `kthLargest(${extent.text}, ${1 + choices.below(3)}, (${variable.name}) => ${body})`,
    `massThreshold(${extent.text}, ${choices.pick(['0.5', '0.25', '0.875'])}, (${variable.name}) => ${body})`,
  ]);
}
