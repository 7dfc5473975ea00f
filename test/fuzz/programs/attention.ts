/**
 * An attend as the whole of an output: keys that are dense or in a paged cache, shared by groups of heads or of their own, a
 * range, a score with what authors add to it, a mask, and values of another width.
 */
import { conditionOn } from './conditions.ts';
import { type Head, type Output, shapeText } from './head.ts';
import { numberIn } from './numbers.ts';
import {
  type Cache,
  dimension,
  type Extent,
  letterOf,
  literal,
  positions,
  type Scope,
  twice,
  within,
} from './scope.ts';

/** What is kept of a key: its heads, its own width, its value's, and that of a second part that all heads share. */
interface Row {
  readonly heads: readonly Extent[];
  readonly depth: Extent;
  readonly width: Extent;
  readonly second: Extent | null;
}

/** Heads of queries, and the keys' head of each. */
interface Heads {
  readonly axes: readonly Extent[];
  readonly indexOf: (head: string) => readonly string[];
}

type Part = 'k' | 'r' | 'v';

interface Keys {
  readonly extent: Extent;
  /** An element of a part of a key that a query sees. */
  readonly read: (part: Part, query: string, index: readonly string[]) => string;
  readonly ranges: (query: string) => readonly string[];
  /** The key of the query itself. */
  readonly own: (query: string) => string;
}

export function attendOutput(head: Head, isPaged: boolean): Output {
  const { choices, frame, fresh } = head;
  const { rows } = frame;
  if (rows === null) throw new Error('an attend has rows');
  const cache = isPaged ? (head.caches[0] ?? cacheOf(head, keyRow(head))) : null;
  if (cache) head.input(cache.name, cacheText(cache));
  const row = cache ? rowOf(cache) : keyRow(head);
  const keys = cache ? cachedKeys(head, cache) : denseKeys(head, row);
  const { depth, width, second } = row;
  const heads = headsOf(head, row.heads);
  const queries = head.input(fresh('q'), `act(${shapeText([rows, ...heads.axes, depth])})`);
  const rotated = second && head.input(fresh('rotated'), `act(${shapeText([rows, ...heads.axes, second])})`);
  const slope =
    heads.axes.length > 0 && choices.chance(25) ? head.input(fresh('slope'), `f32(${shapeText(heads.axes)})`) : null;
  const shape = [rows, ...heads.axes, width];
  const element = choices.pick(['act', 'act', 'f32']);
  const name = fresh('y');
  const define = (scope: Scope): string => {
    const variables = shape.map((extent) => ({ name: fresh(letterOf(extent)), extent }));
    const outer = variables.slice(0, -1).reduce<Scope>((around, variable) => within(around, variable), scope);
    const [query = '', own] = outer.variables.map((variable) => variable.name);
    const column = variables.at(-1)?.name ?? '';
    const key = { name: fresh('j'), extent: keys.extent };
    const inside = { ...within(outer, key), token: frame.isRagged ? query : null, fuel: 1, reductions: 0 };
    const at = [key.name, ...(own === undefined ? [] : heads.indexOf(own))];
    const dot = (tensor: string, extent: Extent, part: Part, index: readonly string[]): string => {
      const k = fresh('k');
      inside.record([...inside.loops, extent]);
      const indices = [query, ...(own === undefined ? [] : [own]), k].join(', ');
      return `sum(${extent.text}, (${k}) => ${tensor}(${indices}) * ${keys.read(part, query, [...index, k])})`;
    };
    const first = dot(queries, depth, 'k', at);
    const both = second && rotated ? `(${first} + ${dot(rotated, second, 'r', [key.name])})` : first;
    const distance = `(${key.name} - ${keys.own(query)})`;
    const scaled = `${head.number('scale', choices.pick([0.25, 0.5, 0.3]))} * ${both}`;
    const score = choices.oneOf(
      [4, () => scaled],
      [1, () => both],
      [3, () => capped(head, scaled)],
      [2, () => `${scaled} + (${numberIn(inside)})`],
      [1, () => `${scaled} + 0.125 * ${distance}`],
      [
        slope === null ? 0 : 6,
        () => `${choices.chance(40) ? capped(head, scaled) : scaled} + ${slope}(${own}) * ${distance}`,
      ],
    );
    const window = `${key.name} > ${keys.own(query)} - ${1 + choices.below(5)}`;
    const mask = choices.oneOf(
      [6, () => ''],
      [2, () => conditionOn(inside)],
      [2, () => window],
      [1, () => `${key.name} < 2 || ${window}`],
      [1, () => `mod(${key.name}, 2) === 0`],
      [1, () => `${window} && (${conditionOn(inside)})`],
    );
    const loaded = keys.read('v', query, [...at, column]);
    const value = choices.oneOf(
      [5, () => loaded],
      [1, () => `2 * ${loaded}`],
      [1, () => `${loaded} + (${numberIn(inside)})`],
    );
    const described = `score: ${score}${mask === '' ? '' : `, mask: ${mask}`}, value: (${column}) => ${value}`;
    const parameters = outer.variables.map((variable) => variable.name).join(', ');
    return `(${parameters}) => attend(range(${choices.pick(keys.ranges(query))}), (${key.name}) => ({ ${described} }))`;
  };
  return {
    flow: {
      kind: 'dense',
      callable: { name, shape, contents: null, isIndex: false },
      element,
      declaration: `${element}(${shapeText(shape)})`,
    },
    isPlain: false,
    define,
  };
}

function capped(head: Head, score: string): string {
  const cap = head.number('cap', head.choices.pick([4, 2, 8]));
  return `${cap} * tanh((${score}) / ${cap})`;
}

/** What a key may be; the heads are a dimension, or an axis of one, or none. */
export function keyRow({ choices, frame }: Head): Row {
  const heads = choices.oneOf([3, () => [choices.pick(frame.features)]], [1, () => []], [1, () => [literal(1)]]);
  return {
    heads,
    depth: choices.pick(frame.features),
    width: choices.pick(frame.features),
    second: choices.chance(25) ? choices.pick(frame.features) : null,
  };
}

export function cacheOf({ fresh }: Head, { heads, depth, width, second }: Row): Cache {
  const fields = { k: [...heads, depth], ...(second && { r: [second] }), v: [...heads, width] };
  return { name: fresh('kv'), fields };
}

function rowOf({ fields: { k = [], r, v = [] } }: Cache): Row {
  return { heads: k.slice(0, -1), depth: lastOf(k), width: lastOf(v), second: r?.[0] ?? null };
}

function lastOf(shape: readonly Extent[]): Extent {
  const last = shape.at(-1);
  if (last === undefined) throw new Error('a row of keys has a width');
  return last;
}

function headsOf(head: Head, [own]: readonly Extent[]): Heads {
  const { choices, frame } = head;
  if (own === undefined)
    return choices.pick<Heads>([
      { axes: [], indexOf: () => [] },
      { axes: [choices.pick(frame.features)], indexOf: () => [] },
    ]);
  if (own.form.kind === 'literal') return { axes: [choices.pick(frame.features)], indexOf: () => ['0'] };
  return choices.oneOf<Heads>(
    [3, () => ({ axes: [own], indexOf: (h) => [h] })],
    [2, () => ({ axes: [twice(own)], indexOf: (h) => [`idiv(${h}, 2)`] })],
    [
      2,
      () => {
        const times = choices.pick([3, 1, 4]);
        const all = head.dimension(
          'Q',
          (sizes) => times * own.size(sizes),
          (name) => `${name} % ${own.text} === 0`,
        );
        return { axes: [all], indexOf: (h) => [`idiv(${h}, ${all.text} / ${own.text})`] };
      },
    ],
  );
}

function denseKeys(head: Head, { heads, depth, width, second }: Row): Keys {
  const { choices, frame, fresh } = head;
  const rows = frame.rows ?? dimension('T');
  const isCausal = frame.isRagged || choices.chance(30);
  const extent = isCausal ? rows : choices.pick(frame.features);
  const tensor = (stem: string, axes: readonly Extent[]): string =>
    head.input(fresh(stem), `act(${shapeText([extent, ...axes])})`);
  const names = {
    k: tensor('keys', [...heads, depth]),
    r: second ? tensor('shared', [second]) : '',
    v: tensor('values', [...heads, width]),
  };
  const ranges = (query: string): readonly string[] => {
    const start = `seqStart(seq(${query}))`;
    if (frame.isRagged)
      return [
        `${start}, ${query} + 1`,
        `${start}, ${start} + seqLen(seq(${query}))`,
        `maximum(${start}, ${query} - 2), ${query} + 1`,
      ];
    if (isCausal) return [`0, ${query} + 1`, `0, ${extent.text}`, `maximum(${query} - 1, 0), ${query} + 1`];
    return [`0, ${extent.text}`, `1, ${extent.text}`];
  };
  const read: Keys['read'] = (part, _, index) => `${names[part]}(${index.join(', ')})`;
  return { extent, read, ranges, own: (query) => (isCausal ? query : '1') };
}

function cachedKeys({ choices }: Head, { name }: Cache): Keys {
  return {
    extent: positions('positions'),
    read: (part, query, index) => `${name}.${part}(seq(${query}), ${index.join(', ')})`,
    ranges: (query) => [
      `0, pos(${query}) + 1`,
      `0, pos(${query}) + 1`,
      `maximum(pos(${query}) - ${1 + choices.below(20)}, 0), pos(${query}) + 1`,
      `0, contextLen(seq(${query}))`,
      `0, minimum(pos(${query}) + 1, ${1 + choices.below(20)})`,
    ],
    own: (query) => `pos(${query})`,
  };
}

/** How a cache is declared: in the short form where it is one. */
export function cacheText({ fields }: Cache): string {
  const { k, v } = fields;
  const names = Object.keys(fields).join(' ');
  if (names === 'k v' && k?.length === 2 && v?.length === 2 && k[0]?.text === v[0]?.text) {
    const widths = k[1]?.text === v[1]?.text ? [...k] : [...k, ...v.slice(1)];
    return `kvCache(${shapeText(widths)})`;
  }
  const rows = Object.entries(fields).map(([field, shape]) => `${field}: [${shapeText(shape)}]`);
  return `paged({ ${rows.join(', ')} })`;
}
