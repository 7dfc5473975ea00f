/** Arguments that several commands share. */
import type { Options, PositionalOptions } from 'yargs';

export const checkpointArgument = {
  type: 'string',
  demandOption: true,
  describe: 'A checkpoint directory (config.json, tokenizer.json, safetensors), or a built engine',
} as const satisfies PositionalOptions;

export const engineOptions = {
  threads: { type: 'number', describe: 'Threads to compute on (default: one a physical core)' },
  model: {
    type: 'string',
    describe: 'A TypeScript file whose default export is the model’s function, in place of ours',
  },
} as const satisfies Record<string, Options>;

export const jsonOption = {
  json: { type: 'boolean', default: false, describe: 'Print one JSON object, for programs' },
} as const satisfies Record<string, Options>;
