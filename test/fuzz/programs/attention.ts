/** An attend as the whole of an output: a range of keys, a score with what authors add to it, a mask, and values. */
import { conditionOn } from './conditions.ts';
import type { Head, Output } from './head.ts';
import { numberIn } from './numbers.ts';
import { letterOf, type Scope, within } from './scope.ts';

export function attendOf(scope: Scope, { isRagged }: Head, { shape, attention }: Output): string {
  if (attention === undefined) throw new Error('an attend has keys');
  const { choices } = scope;
  const variables = shape.map((extent) => ({ name: scope.fresh(letterOf(extent)), extent }));
  const outer = variables.slice(0, -1).reduce<Scope>((around, variable) => within(around, variable), scope);
  const [query, head] = outer.variables.map(({ name }) => name);
  const column = variables.at(-1)?.name;
  const key = { name: scope.fresh('j'), extent: attention.keys };
  const inside = { ...within(outer, key), token: isRagged ? (query ?? null) : null, fuel: 1, reductions: 0 };
  inside.record([...inside.loops, attention.depth]);
  const heads = head === undefined ? '' : `${head}, `;
  const keyHeads = attention.hasOwnKeys ? heads : '';
  const depth = scope.fresh('k');
  const dot = `sum(${attention.depth.text}, (${depth}) => q(${query}, ${heads}${depth}) * keys(${key.name}, ${keyHeads}${depth}))`;
  const score = choices.oneOf(
    [4, () => `0.25 * ${dot}`],
    [1, () => dot],
    [2, () => `4 * tanh(${dot} / 4)`],
    [2, () => `0.5 * ${dot} + (${numberIn(inside)})`],
  );
  const mask = choices.chance(35) ? `, mask: ${conditionOn(inside)}` : '';
  const own = `values(${key.name}, ${keyHeads}${column})`;
  const value = choices.oneOf([5, () => own], [1, () => `2 * ${own}`], [1, () => `${own} + (${numberIn(inside)})`]);
  const range = isRagged
    ? choices.pick([
        `seqStart(seq(${query})), ${query} + 1`,
        `seqStart(seq(${query})), seqStart(seq(${query})) + seqLen(seq(${query}))`,
        `maximum(seqStart(seq(${query})), ${query} - 2), ${query} + 1`,
      ])
    : choices.pick([`0, ${attention.keys.text}`, `1, ${attention.keys.text}`]);
  const parameters = outer.variables.map(({ name }) => name).join(', ');
  return `(${parameters}) => attend(range(${range}), (${key.name}) => ({ score: ${score}${mask}, value: (${column}) => ${value} }))`;
}
