/** A whole random program: one operator or several behind one another, and helpers above them. */
import { Choices } from './choices.ts';
import { type Derived, drawInputs, type Flow, frameOf, Head, nameOf, type Output, sizes } from './head.ts';
import { type Mistake, mistakeIn } from './mistakes.ts';
import { numberIn } from './numbers.ts';
import { type Form, outputOf } from './outputs.ts';
import { recipeOf } from './recipes.ts';
import { type Callable, type Extent, type Helper, letterOf, type Scope, type Sizes } from './scope.ts';
import { joinedOperator, renamedOperators, type Twin } from './twins.ts';

export interface RandomProgram {
  /** Of the program, and of its first operator. */
  readonly name: string;
  readonly choices: readonly number[];
  /** Its operators and what stands above them, but for the imports. */
  readonly source: string;
  /** The exports that it calls, in order: tensors of one name are one tensor. */
  readonly operators: readonly string[];
  /** Tensors that are asked for though a later operator reads them. */
  readonly kept: readonly string[];
  /** Every dimension that is no count. */
  readonly features: Sizes;
  readonly attrs: Sizes;
  /** Rows of a step, at most. */
  readonly mostRows: number;
  /** What is wrong with it on purpose: such a program is refused. */
  readonly mistake: Mistake | null;
  /** Whether it is also built with each operator a kernel of its own. */
  readonly isTakenApart: boolean;
  /** The same program written otherwise. */
  readonly twins: readonly Twin[];
}

/** How many loads and operations a program may take in Node, by its nests of loops. */
const MOST_WORK = 3000;
const MOST_WIDE_WORK = 30_000;
/** Rows of a step, at most; a product takes eight and fewer otherwise than many. */
const MOST_ROWS = 4;
const MANY_ROWS = 19;

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
  const recipe = recipeOf(choices);
  const frame = frameOf(choices, recipe.needs);
  const helpers = helpersOf(choices, name);
  const mostRows = recipe.isWide && choices.chance(40) ? MANY_ROWS : MOST_ROWS;
  const stages: Stage[] = [];
  const derived = new Map<string, Derived>();
  for (const forms of recipe.stages) {
    const flows = stages.flatMap(({ outputs }) => outputs.map(({ flow }) => flow));
    const head = new Head(choices, frame, fresh, derived);
    const isFirst = stages.length === 0;
    for (const flow of taken(flows)) head.take(flow);
    if (recipe.drawsInputs) drawInputs(head, isFirst ? 1 : 0, isFirst ? 3 : 1);
    const outputs = forms.map((form: Form) => outputOf(head, form));
    const scope: Scope = {
      choices,
      dimensions: frame.features,
      variables: [],
      callables: head.callables,
      caches: head.caches,
      helpers: helpers.map(({ helper }) => helper),
      scalars: helpers.length > 0 ? [`${name}Constant`] : [],
      integers: [],
      token: null,
      row: null,
      fuel: recipe.stages.length > 1 ? 2 : choices.oneOf([3, () => 2], [1, () => 3]),
      reductions: recipe.stages.length > 1 ? 1 : 2,
      loops: [],
      record: (loops) => nests.push(loops),
      fresh,
    };
    const attr = choices.chance(25) ? [head.attr('gain', choices.pick([0.5, 1.25, 0.3]))] : [];
    const scalars = [...scope.scalars, ...attr];
    const functions = isFirst ? functionsOf({ ...scope, scalars }) : [];
    const callables = [...scope.callables, ...functions.map(({ callable }) => callable)];
    stages.push({
      name: isFirst ? name : `${name}${ordinals[stages.length]}`,
      head,
      outputs,
      functions: functions.map(({ text }) => text),
      definitions: outputs.map((output) => output.define({ ...scope, scalars, callables })),
    });
  }
  const texts = stages.map(textOf);
  const above = helpers.map(({ text }) => text);
  const [first] = texts;
  const mistake = isMistaken && first ? mistakeIn(choices, { above, ...first }) : null;
  const kept = stages.slice(0, -1).flatMap(({ outputs }) => outputs.map(({ flow }) => nameOf(flow)));
  const program = {
    name,
    operators: mistake ? [name] : stages.map((stage) => stage.name),
    kept: kept.filter(() => choices.chance(25)),
    features: affordable(
      frame.features,
      derived,
      Object.fromEntries(frame.features.map(({ text }) => [text, choices.pick(sizes)])),
      nests,
      mostRows,
    ),
    attrs: Object.assign({}, ...stages.map(({ head }) => head.attrs)) as Sizes,
    mostRows,
    mistake: mistake?.mistake ?? null,
    isTakenApart: stages.length > 1 && choices.chance(12),
  };
  const operators = stages.map((stage, place) => print(stage.name, texts[place] ?? emptyText));
  const source = mistake ? print(name, mistake.text) : [...above.map((text) => `${text}\n`), ...operators].join('');
  const joined = !mistake && choices.chance(50) ? joinedOperator(name, stages) : null;
  const renamed = !mistake && choices.chance(2) ? renamedOperators(program, operators) : null;
  const twins = [joined && { ...joined, source: print(joined.name, joined.text) }, renamed];
  return { ...program, choices: choices.taken, source, twins: twins.filter((twin) => twin !== null) };
}

/** An operator of a program as it is put together. */
export interface Stage {
  readonly name: string;
  readonly head: Head;
  readonly outputs: readonly Output[];
  readonly functions: readonly string[];
  readonly definitions: readonly string[];
}

const ordinals = ['', 'Second', 'Third', 'Fourth', 'Fifth'];

/** What the operator before gives, and the caches and states of those before it. */
function taken(flows: readonly Flow[]): readonly Flow[] {
  return flows.slice(-3);
}

function textOf({ head, outputs, functions, definitions }: Stage): Omit<ProgramText, 'above'> {
  return {
    head: head.text(outputs.map(({ flow }) => flow)),
    functions,
    outputs: outputs.map(({ flow }, place) => `${nameOf(flow)}: ${definitions[place]}`),
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

const emptyText: Omit<ProgramText, 'above'> = { head: { parts: [], parameters: '' }, functions: [], outputs: [] };

function print(
  name: string,
  { above = [], head, functions, outputs }: Omit<ProgramText, 'above'> & Partial<Pick<ProgramText, 'above'>>,
): string {
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
    caches: [],
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

/** The sizes drawn, the largest halved until Node is done soon, and those that follow from them. */
function affordable(
  features: readonly Extent[],
  derived: ReadonlyMap<string, Derived>,
  drawn: Sizes,
  nests: readonly (readonly Extent[])[],
  mostRows: number,
): Sizes {
  const complete = (own: Sizes): Sizes => ({
    ...own,
    ...Object.fromEntries([...derived].map(([name, { size }]) => [name, size(own)])),
  });
  const work = (own: Sizes): number => {
    const all = { ...complete(own), T: mostRows, R: mostRows, S: mostRows + 2 };
    return nests.reduce((sum, nest) => sum + nest.reduce((product, extent) => product * extent.size(all), 1), 0);
  };
  let own = drawn;
  const most = mostRows > MOST_ROWS ? MOST_WIDE_WORK : MOST_WORK;
  while (work(own) > most) {
    const [name, size] = features.reduce<readonly [string, number]>(
      (best, { text }) => ((own[text] ?? 1) > best[1] ? [text, own[text] ?? 1] : best),
      ['', 1],
    );
    if (size === 1) break;
    own = { ...own, [name]: Math.ceil(size / 2) };
  }
  return complete(own);
}
