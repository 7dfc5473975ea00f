/** A whole random program: an operator's head, helpers above it, and what its outputs are. */
import { attendOf } from './attention.ts';
import { Choices } from './choices.ts';
import { conditionOn } from './conditions.ts';
import { type Head, headOf } from './head.ts';
import { wholeNumber } from './indices.ts';
import { type Mistake, mistakeIn } from './mistakes.ts';
import { numberIn, operationIn } from './numbers.ts';
import { reductionOf } from './reductions.ts';
import { type Callable, deeper, type Extent, type Helper, letterOf, type Scope, type Sizes, within } from './scope.ts';

export interface RandomProgram {
  /** Of the operator, and of the program that it becomes. */
  readonly name: string;
  readonly choices: readonly number[];
  /** The operator and what stands above it, but for the imports. */
  readonly source: string;
  /** Every dimension that is no count. */
  readonly features: Sizes;
  readonly attrs: Sizes;
  /** What is wrong with it on purpose: such a program is refused. */
  readonly mistake: Mistake | null;
}

/** How many loads and operations a program may take in Node, by its nests of loops. */
const MOST_WORK = 3000;
/** Rows of a step, at most. */
export const MOST_ROWS = 4;

export function programOfSeed(seed: number, name = `program${seed}`): RandomProgram {
  return programOf(Choices.ofSeed(seed), name);
}

export function programOf(choices: Choices, name: string): RandomProgram {
  const names = new Map<string, number>();
  const fresh = (stem: string): string => {
    const uses = names.get(stem) ?? 0;
    names.set(stem, uses + 1);
    return uses === 0 ? stem : `${stem}${uses}`;
  };
  const nests: (readonly Extent[])[] = [];
  const isMistaken = choices.chance(8);
  const head = headOf(choices, fresh);
  const helpers = helpersOf(choices, name);
  const scope: Scope = {
    choices,
    dimensions: head.features,
    variables: [],
    callables: head.inputs,
    helpers: helpers.map(({ helper }) => helper),
    scalars: [...Object.keys(head.attrs), ...(helpers.length > 0 ? [`${name}Constant`] : [])],
    integers: [],
    token: null,
    row: null,
    fuel: choices.oneOf([4, () => 2], [3, () => 3]),
    reductions: 2,
    loops: [],
    record: (loops) => nests.push(loops),
    fresh,
  };
  const functions = functionsOf(scope);
  const inner = { ...scope, callables: [...scope.callables, ...functions.map(({ callable }) => callable)] };
  const outputs = head.outputs.map((output) => `${output.name}: ${definitionOf(inner, head, output)}`);
  const declared = {
    above: helpers.map(({ text }) => text),
    head: head.text,
    functions: functions.map(({ text }) => text),
    outputs,
  };
  const mistake = isMistaken ? mistakeIn(choices, declared) : null;
  return {
    name,
    choices: choices.taken,
    source: print(name, mistake?.text ?? declared),
    features: affordable(head, nests),
    attrs: head.attrs,
    mistake: mistake?.mistake ?? null,
  };
}

/** The parts of a program's text. */
export interface ProgramText {
  readonly above: readonly string[];
  /** The parts of the specification before `define`, and what `define` takes apart. */
  readonly head: { readonly parts: readonly string[]; readonly parameters: string };
  readonly functions: readonly string[];
  readonly outputs: readonly string[];
}

function print(name: string, { above, head, functions, outputs }: ProgramText): string {
  const results = `{\n${outputs.map((output) => `    ${output},\n`).join('')}  }`;
  const body = functions.length === 0 ? `(${results})` : `{\n  ${functions.join('\n  ')}\n  return ${results};\n}`;
  const parts = [...head.parts, `define: (${head.parameters}) => ${body},`].map((part) => `  ${part}\n`);
  return `${above.map((text) => `${text}\n`).join('')}export const ${name} = op({\n${parts.join('')}});\n`;
}

/** Pure functions and a constant at the top of the file, which the operator captures. */
function helpersOf(choices: Choices, program: string): readonly { readonly helper: Helper; readonly text: string }[] {
  if (!choices.chance(30)) return [];
  const parameters = 1 + choices.below(2);
  const scalars = ['x', 'y'].slice(0, parameters);
  const constant = `${program}Constant`;
  const text = numberIn({
    choices,
    dimensions: [],
    variables: [],
    callables: [],
    helpers: [],
    scalars: [...scalars, constant],
    integers: [],
    token: null,
    row: null,
    fuel: 2,
    reductions: 0,
    loops: [],
    record: () => {},
    fresh: (stem) => stem,
  });
  const helper = { name: `${program}Helper`, parameters };
  const typed = scalars.map((scalar) => `${scalar}: number`).join(', ');
  return [
    {
      helper,
      text: `const ${constant} = ${choices.pick(['0.5', '1.25', '-2', '0.3'])};\nconst ${helper.name} = (${typed}): number => ${text};`,
    },
  ];
}

/** Functions of indices inside of `define`: what an author would call an intermediate tensor. */
function functionsOf(scope: Scope): readonly { readonly callable: Callable; readonly text: string }[] {
  const { choices, fresh } = scope;
  const models = scope.callables.filter(({ isIndex, shape }) => !isIndex && shape.length > 0);
  if (models.length === 0 || !choices.chance(25)) return [];
  const { shape } = choices.pick(models);
  const variables = shape.map((extent) => ({ name: fresh(letterOf(extent)), extent }));
  const inside = { ...scope, variables, loops: shape, fuel: 2, reductions: 1 };
  const name = fresh('value');
  const typed = variables.map((variable) => `${variable.name}: number`).join(', ');
  const text = `const ${name} = (${typed}): number => ${numberIn(inside)};`;
  return [{ callable: { name, shape, contents: null, isIndex: false }, text }];
}

/** What stands behind an output's name. */
function definitionOf(scope: Scope, head: Head, output: Head['outputs'][number]): string {
  const { choices } = scope;
  if (output.form === 'attend') return attendOf(scope, head, output);
  const variables = output.shape.map((extent) => ({ name: scope.fresh(letterOf(extent)), extent }));
  const inside = variables.reduce<Scope>((outer, variable) => within(outer, variable), scope);
  const token = head.isRagged ? (variables.find(({ extent }) => extent.text === 'T')?.name ?? null) : null;
  const here = { ...inside, token, row: variables[0] ?? null };
  if (output.form === 'scatter') {
    const [row, ...rest] = variables;
    const value = `${rest.length > 0 ? `(${rest.map(({ name }) => name).join(', ')}) => ` : ''}${numberIn(here)}`;
    return `scatter(${row?.extent.text}, (${row?.name}) => ({ slot: [rows(${row?.name})], value: ${value} }))`;
  }
  const consts = Array.from({ length: choices.oneOf([6, () => 0], [2, () => 1], [1, () => 2]) }, (_, place) => {
    const name = `c${place}`;
    const scalars = Array.from({ length: place }, (_unused, before) => `c${before}`);
    return { name, text: numberIn({ ...deeper(here), scalars: [...here.scalars, ...scalars] }) };
  });
  const full = { ...here, scalars: [...here.scalars, ...consts.map(({ name }) => name)] };
  const value =
    output.element === 'i32'
      ? wholeNumber(full)
      : choices.oneOf(
          [5, () => operationIn(full)],
          [4, () => `${reductionOf(full)} + (${operationIn(deeper(full))})`],
          [2, () => `(${operationIn(deeper(full))}) * (${reductionOf(deeper(full))})`],
          [1, () => `${conditionOn(deeper(full))} ? ${numberIn(full)} : ${numberIn(full)}`],
        );
  const parameters = variables.map(({ name }) => name).join(', ');
  if (consts.length === 0) return `(${parameters}) => ${value}`;
  const lines = [...consts.map(({ name, text }) => `const ${name} = ${text};`), `return ${value};`];
  return `(${parameters}) => {\n${lines.map((line) => `      ${line}\n`).join('')}    }`;
}

/** The sizes drawn, the largest halved until Node is done soon. */
function affordable({ sizes }: Head, nests: readonly (readonly Extent[])[]): Sizes {
  const work = (features: Sizes): number =>
    nests.reduce(
      (sum, nest) =>
        sum +
        nest.reduce((product, extent) => product * extent.size({ ...features, T: MOST_ROWS, R: MOST_ROWS, S: 8 }), 1),
      0,
    );
  let features = sizes;
  while (work(features) > MOST_WORK) {
    const [name, size] = Object.entries(features).reduce((best, entry) => (entry[1] > best[1] ? entry : best), ['', 1]);
    if (size === 1) break;
    features = { ...features, [name]: Math.ceil(size / 2) };
  }
  return features;
}
