/** Arguments that several commands share. */
import type { Options, PositionalOptions } from 'yargs';
import { checkpointPath } from '../runtime/embedded-model.ts';
import { UsageError } from './failure.ts';

export const checkpointArgument = {
  type: 'string',
  demandOption: true,
  coerce: checkpointPath,
  describe:
    'A checkpoint directory (config.json, tokenizer.json, safetensors; models/tiny: the embedded one), a GGUF file, a model of the Hugging Face hub (owner/name), or a built engine',
} as const satisfies PositionalOptions;

/** What is compiled, and not run. */
export const sourceArgument = {
  type: 'string',
  demandOption: true,
  coerce: checkpointPath,
  describe: 'A checkpoint directory or GGUF file, a model of the hub, or a TypeScript file that exports operators',
} as const satisfies PositionalOptions;

export const revisionOption = {
  revision: {
    type: 'string',
    requiresArg: true,
    describe: 'A branch, tag or commit of a model of the hub (default: main)',
  },
} as const satisfies Record<string, Options>;

/** What an engine is compiled with. */
export const compileOptions = {
  target: { choices: ['cpu', 'cuda'] as const, describe: 'What to compile for (default: cpu)' },
  arch: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'An architecture of GPUs to compile for (repeatable; default: sm_80 and sm_90a); simt: a simulated GPU',
  },
  elements: {
    choices: ['bf16', 'f16', 'f32'] as const,
    describe: 'The element type of activations, weights and cache (default: bf16)',
  },
  'block-size': { choices: [16, 32, 64] as const, describe: 'Positions in a block of the KV cache (default: 64)' },
  checked: {
    type: 'boolean',
    describe: 'Check every access of a tensor while the engine runs, and name the one that leaves it (slow)',
  },
  model: {
    type: 'string',
    requiresArg: true,
    describe: 'A TypeScript file whose default export is the model’s function, in place of ours',
  },
  ...revisionOption,
} as const satisfies Record<string, Options>;

export const engineOptions = {
  ...compileOptions,
  threads: { type: 'number', requiresArg: true, describe: 'Threads to compute on (default: one a physical core)' },
} as const satisfies Record<string, Options>;

export const jsonOption = {
  json: { type: 'boolean', default: false, describe: 'Print one JSON object, for programs' },
} as const satisfies Record<string, Options>;

/** The shape of the operators of a file. */
export const operatorOptions = {
  dims: { type: 'string', requiresArg: true, describe: 'Feature dimensions of an operator file, such as H=640,D=64' },
  attrs: {
    type: 'string',
    requiresArg: true,
    describe: 'Attributes of an operator file, such as scale=0.125,eps=1e-6',
  },
} as const satisfies Record<string, Options>;

/** `H=640,D=64` and `scale=0.125,eps=1e-6` as objects. */
export function operatorShapeOf(lists: { readonly dims: string | undefined; readonly attrs: string | undefined }) {
  return {
    dims: numbersOf('--dims', lists.dims, /^[1-9]\d*$/, 'Give names and sizes, such as H=640,D=64.'),
    attrs: numbersOf(
      '--attrs',
      lists.attrs,
      /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i,
      'Give names and numbers, such as scale=0.125,eps=1e-6.',
    ),
  };
}

function numbersOf(
  option: string,
  list: string | undefined,
  form: RegExp,
  mend: string,
): Readonly<Record<string, number>> {
  const entries = (list ?? '').split(',').filter((entry) => entry.trim() !== '');
  return Object.fromEntries(
    entries.map((entry) => {
      const [, name, value] = /^\s*([A-Za-z]\w*)\s*=\s*(\S+)\s*$/.exec(entry) ?? [];
      if (name !== undefined && value !== undefined && form.test(value)) return [name, Number(value)];
      throw new UsageError(`${option} holds ${JSON.stringify(entry)}.`, mend);
    }),
  );
}

/** Whether a source is a file of operators; all others are folders. */
export function isOperatorFile(source: string): boolean {
  return /\.[cm]?[jt]s$/.test(source);
}

/** Throws for an option that is given and says nothing about such a source. */
export function refuseStray(source: string, options: Readonly<Record<string, unknown>>): void {
  const [stray] = Object.keys(given(options));
  if (stray === undefined) return;
  const belongs = isOperatorFile(source) ? 'a model' : 'a file of operators';
  throw new UsageError(`--${stray} belongs to ${belongs}; ${source} is none.`, 'Leave it out.');
}

/** `--arch sm_80 --arch sm_90a` as the compiler takes it; `--arch simt` alone is the simulated GPU. */
export function architecturesOf(names: readonly string[] | undefined): readonly string[] | undefined {
  if (names?.length === 1 && names[0] === 'simt') return names;
  const wrong = names?.find((name) => !/^sm_\d{2,3}[af]?$/.test(name));
  if (wrong === undefined) return names;
  throw new UsageError(`--arch holds ${JSON.stringify(wrong)}.`, 'Give names such as sm_80, sm_90a or sm_100a.');
}

/** Without the options that were not given: what is left out, the one who is called decides. */
export function given<T extends object>(options: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
