/** `warpsmith run`: continues prompts; one streams, several run as a batch. */
import type { Argv } from 'yargs';
import type { GenerationResult, LLM, Prompt, SamplingParams } from '../index.ts';
import { colorsFor } from './colors.ts';
import { checkpointArgument, engineOptions, jsonOption } from './options.ts';
import { samplingOptions, samplingParams } from './sampling-options.ts';
import { printStatistics } from './statistics.ts';
import { withModel } from './with-model.ts';

export function runCommand(cli: Argv): Argv {
  return cli.command(
    'run <checkpoint>',
    'Generate text',
    (command) =>
      command
        .positional('checkpoint', checkpointArgument)
        .option('prompt', {
          type: 'string',
          array: true,
          requiresArg: true,
          default: ['Tell me a story.'],
          describe: 'What to say to the model (repeatable: several run as one batch)',
        })
        .option('raw', {
          type: 'boolean',
          default: false,
          describe: 'Continue the prompt as it stands: no chat template',
        })
        .options({ ...samplingOptions, ...engineOptions, ...jsonOption })
        .example('$0 run models/tiny', 'Tell a story')
        .example('$0 run Qwen/Qwen3-0.6B', 'A model of the Hugging Face hub, fetched into its cache')
        .example('$0 run models/tiny --prompt "Tell me a story about Zorik." --seed 7', 'The same story each time')
        .example('$0 run models/tiny --prompt "Tell me about Mia." --prompt "Tell me about Tom."', 'Two at once')
        .example('$0 run models/tiny --raw --prompt "Long ago" --temperature 0 --json', 'For a program'),
    (args) =>
      withModel(args, async (llm, signal) => {
        const params = samplingParams(args);
        const prompts = args.prompt.map((text) => promptOf(llm, text, args.raw));
        const [only] = prompts;
        if (args.json) printJson(args.prompt, await llm.generate(prompts, params, { signal }), llm);
        else if (only !== undefined && prompts.length === 1) await stream(llm, only, params, signal);
        else print(args.prompt, await llm.generate(prompts, params, { signal }), llm);
      }),
  );
}

/** A chat checkpoint is spoken to through its template. */
function promptOf(llm: LLM, text: string, raw: boolean): Prompt {
  return raw || llm.chatTemplate === null ? text : [{ role: 'user', content: text }];
}

async function stream(llm: LLM, prompt: Prompt, params: SamplingParams, signal: AbortSignal): Promise<void> {
  let firstTextMs: number | null = null;
  for await (const { text } of llm.stream(prompt, params, { signal })) {
    if (text !== '') firstTextMs ??= performance.now();
    process.stdout.write(text);
  }
  process.stdout.write('\n');
  printStatistics(llm.statistics(), firstTextMs);
}

function print(prompts: readonly string[], results: readonly GenerationResult[], llm: LLM): void {
  for (const [place, { text }] of results.entries())
    process.stdout.write(`${colorsFor(process.stdout).bold(prompts[place] ?? '')}\n${text}\n\n`);
  printStatistics(llm.statistics(), null);
}

function printJson(prompts: readonly string[], results: readonly GenerationResult[], llm: LLM): void {
  const outputs = results.map((result, place) => ({ prompt: prompts[place], ...result }));
  process.stdout.write(`${JSON.stringify({ outputs, statistics: llm.statistics() }, null, 2)}\n`);
}
