/** Forms that an output of a random operator has: functions of its indices, and the writes of a state or a cache. */
import { attendOutput, cacheOf, cacheText, keyRow } from './attention.ts';
import { conditionOn } from './conditions.ts';
import { axisOf, type Head, type Output, rowsOf, shapeText } from './head.ts';
import { indexIn, wholeNumber } from './indices.ts';
import { numberIn, operationIn } from './numbers.ts';
import { contractionOutput, handWritten } from './products.ts';
import { rankingOutput } from './rankings.ts';
import { reductionOf } from './reductions.ts';
import { count, deeper, letterOf, type Scope, within } from './scope.ts';

export type Form =
  | 'map'
  | 'plain'
  | 'scatter'
  | 'store'
  | 'attend'
  | 'cached attend'
  | 'product'
  | 'ranking'
  | 'scores'
  | 'softmax'
  | 'weighted';

export function outputOf(head: Head, form: Form): Output {
  switch (form) {
    case 'map':
    case 'plain':
      return mapOutput(head, form === 'plain');
    case 'scatter':
      return scatterOutput(head);
    case 'store':
      return storeOutput(head);
    case 'attend':
    case 'cached attend':
      return attendOutput(head, form === 'cached attend');
    case 'product':
      return contractionOutput(head);
    case 'ranking':
      return rankingOutput(head);
    case 'scores':
    case 'softmax':
    case 'weighted':
      return handWritten(head, form);
  }
}

/** A plain one is of f32 and the whole of its operator. */
function mapOutput(head: Head, isPlain: boolean): Output {
  const { choices, frame, fresh } = head;
  const name = fresh('y');
  const element = isPlain ? 'f32' : choices.oneOf([5, () => 'act'], [3, () => 'f32'], [1, () => 'i32']);
  const leading = frame.rows !== null && choices.chance(85) ? [frame.rows] : [];
  const shape = [
    ...leading,
    ...Array.from({ length: (leading.length === 0 ? 1 : 0) + choices.below(3) }, () => axisOf(choices, frame.features)),
  ];
  const define = (scope: Scope): string => {
    const variables = shape.map((extent) => ({ name: fresh(letterOf(extent)), extent }));
    const inside = variables.reduce<Scope>((outer, variable) => within(outer, variable), scope);
    const token = frame.isRagged ? (variables.find(({ extent }) => extent.text === 'T')?.name ?? null) : null;
    const here = { ...inside, token, row: variables[0] ?? null };
    const consts = Array.from({ length: choices.oneOf([6, () => 0], [2, () => 1], [1, () => 2]) }, (_, place) => {
      const scalars = Array.from({ length: place }, (_unused, before) => `c${before}`);
      return { name: `c${place}`, text: numberIn({ ...deeper(here), scalars: [...here.scalars, ...scalars] }) };
    });
    const full = { ...here, scalars: [...here.scalars, ...consts.map((each) => each.name)] };
    const value = element === 'i32' ? wholeNumber(full) : numberOf(full);
    const parameters = variables.map((variable) => variable.name).join(', ');
    if (consts.length === 0) return `(${parameters}) => ${value}`;
    const lines = [...consts.map((each) => `const ${each.name} = ${each.text};`), `return ${value};`];
    return `(${parameters}) => {\n${lines.map((line) => `      ${line}\n`).join('')}    }`;
  };
  const callable = { name, shape, contents: null, isIndex: element === 'i32' };
  return {
    flow: { kind: 'dense', callable, element, declaration: `${element}(${shapeText(shape)})` },
    isPlain,
    define,
  };
}

function numberOf(scope: Scope): string {
  return scope.choices.oneOf(
    [5, () => operationIn(scope)],
    [4, () => `${reductionOf(scope)} + (${operationIn(deeper(scope))})`],
    [2, () => `(${operationIn(deeper(scope))}) * (${reductionOf(deeper(scope))})`],
    [1, () => `${conditionOn(deeper(scope))} ? ${numberIn(scope)} : ${numberIn(scope)}`],
    [
      scope.token !== null && scope.caches.length > 0 ? 20 : 0,
      () => `${reductionOf(scope)} + (${numberIn(deeper(scope))})`,
    ],
  );
}

/** Rows of a dense state, which may be read where they are written. */
function scatterOutput(head: Head): Output {
  const { choices, frame, fresh } = head;
  const rows = rowsOf(head);
  const name = fresh('y');
  const element = choices.oneOf([5, () => 'act'], [3, () => 'f32']);
  const rest = Array.from({ length: choices.below(3) }, () => axisOf(choices, frame.features));
  const shape = [count('S'), ...rest];
  const declaration = `state(${element}(${shapeText(shape)}))`;
  head.state(name, declaration);
  const slots = head.input(fresh('rows'), `i32(${rows.text}).in(-1, S)`);
  const accumulates = choices.chance(30);
  const define = (scope: Scope): string => {
    const variables = [rows, ...rest].map((extent) => ({ name: fresh(letterOf(extent)), extent }));
    const inside = variables.reduce<Scope>((outer, variable) => within(outer, variable), scope);
    const [row, ...others] = variables.map((variable) => variable.name);
    const token = frame.isRagged ? (row ?? null) : null;
    const here = { ...inside, token, row: variables[0] ?? null };
    const own = `${name}(${[`${slots}(${row})`, ...others].join(', ')})`;
    const value = accumulates
      ? `${slots}(${row}) >= 0 ? ${own} * 0.5 + (${numberIn(deeper(here))}) : 0`
      : numberIn(here);
    const written = `${others.length > 0 ? `(${others.join(', ')}) => ` : ''}${value}`;
    return `scatter(${rows.text}, (${row}) => ({ slot: [${slots}(${row})], value: ${written} }))`;
  };
  const callable = { name, shape, contents: null, isIndex: false };
  return { flow: { kind: 'dense', callable, element, declaration }, isPlain: false, define };
}

/** A row of a paged cache for each token, at its slot. */
function storeOutput(head: Head): Output {
  const { choices, fresh } = head;
  const rows = rowsOf(head);
  const cache = cacheOf(head, keyRow(head));
  const declaration = cacheText(cache);
  head.state(cache.name, declaration);
  const define = (scope: Scope): string => {
    const token = { name: fresh('t'), extent: rows };
    const outer = { ...within(scope, token), token: token.name, row: token };
    const fields = Object.entries(cache.fields).map(([field, axes]) => {
      const variables = axes.map((extent) => ({ name: fresh(letterOf(extent)), extent }));
      const inside = variables.reduce<Scope>((around, variable) => within(around, variable), outer);
      const value = choices.chance(60) ? operationIn({ ...inside, fuel: 2, reductions: 1 }) : rowElement(inside);
      return `${field}: (${variables.map((variable) => variable.name).join(', ')}) => ${value}`;
    });
    return `scatter(${rows.text}, (${token.name}) => ({ slot: slot(${token.name}), ${fields.join(', ')} }))`;
  };
  return { flow: { kind: 'paged', cache, declaration }, isPlain: false, define };
}

/** An element of a tensor as it is. */
function rowElement(scope: Scope): string {
  const tensors = scope.callables.filter(({ isIndex }) => !isIndex);
  if (tensors.length === 0) return numberIn({ ...scope, fuel: 0 });
  const { name, shape } = scope.choices.pick(tensors);
  return `${name}(${shape.map((extent) => indexIn({ ...scope, fuel: 0 }, extent)).join(', ')})`;
}
