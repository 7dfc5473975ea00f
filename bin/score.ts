/** `warpsmith score`: the log-probability of every token given those before it. */
import type { Argv } from 'yargs';
import type { LLM, ScoreResult } from '../index.ts';
import { colorsFor } from './colors.ts';
import { UsageError } from './failure.ts';
import { checkpointArgument, engineOptions, jsonOption } from './options.ts';
import { withModel } from './with-model.ts';

export function scoreCommand(cli: Argv): Argv {
  return cli.command(
    'score <checkpoint>',
    'Print the log-probability of each token, and the perplexity',
    (command) =>
      command
        .positional('checkpoint', checkpointArgument)
        .option('text', { type: 'string', requiresArg: true, describe: 'The text to score, as it stands' })
        .option('tokens', { type: 'string', requiresArg: true, describe: 'Token ids to score, separated by commas' })
        .conflicts('text', 'tokens')
        .options({ ...engineOptions, ...jsonOption })
        .example('$0 score models/tiny --text "Once upon a time"', 'A token a line')
        .example(
          '$0 score models/tiny --tokens 1,2,3 --json',
          '{"tokens": [..], "logprobs": [null, ..], "perplexity": ..}',
        ),
    (args) => {
      const input = args.tokens === undefined ? args.text : tokenIds(args.tokens);
      if (input === undefined) throw new UsageError('There is nothing to score.', 'Give --text or --tokens.');
      return withModel(args, async (llm, signal) => {
        const result = await llm.score(input, { signal });
        process.stdout.write(args.json ? json(result) : lines(result, llm));
      });
    },
  );
}

function tokenIds(list: string): number[] {
  const ids = list.split(',').map((id) => id.trim());
  const wrong = ids.find((id) => !/^\d+$/.test(id));
  if (wrong === undefined) return ids.map(Number);
  throw new UsageError(
    `--tokens holds ${JSON.stringify(wrong)}.`,
    'Give token ids separated by commas, such as 1,2,3.',
  );
}

function json({ tokens, logprobs, perplexity }: ScoreResult): string {
  return `${JSON.stringify({ tokens, logprobs, perplexity })}\n`;
}

function lines({ tokens, logprobs, perplexity }: ScoreResult, llm: LLM): string {
  const rows = tokens.map((token, place) => {
    const logprob = logprobs[place]?.toFixed(4) ?? '';
    return `${String(token).padStart(8)} ${logprob.padStart(10)}  ${JSON.stringify(llm.tokenizer.decode([token], false))}`;
  });
  const total = perplexity === null ? [] : [`${colorsFor(process.stdout).bold('perplexity')} ${perplexity.toFixed(4)}`];
  return `${[...rows, ...total].join('\n')}\n`;
}
