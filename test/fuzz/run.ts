/**
 * Random programs for as long as asked: `npm run fuzz -- --seconds 600 --seed 1 --target simt`. The first that fails is made as
 * simple as it gets and printed, with its seed; the exit status is then 1. Nothing is written but the compiler's cache.
 */
import yargs from 'yargs';
import { targets } from './built.ts';
import { blockSizeOf, Campaign, describeCounts, describeFailure, elementOf } from './campaign.ts';
import { shrink } from './shrink.ts';

const given = await yargs(process.argv.slice(2))
  .option('seconds', { type: 'number', default: 60, describe: 'how long' })
  .option('seed', { type: 'number', default: Date.now() % 2 ** 30, describe: 'the first seed; they count up from it' })
  .option('target', { choices: [...targets, 'cuda'] as const, describe: 'the CPU and the simulated GPU unless given' })
  .option('batch', { type: 'number', default: 100, describe: 'programs of a library' })
  .option('optimization', { choices: ['product', 'none'] as const, default: 'product' as const })
  .strict()
  .parseAsync();
const options = { targets: given.target ? [given.target] : targets, optimization: given.optimization };
const campaign = new Campaign();
const end = performance.now() + 1000 * given.seconds;
console.log(`seed ${given.seed}`);
for (let seed = given.seed; performance.now() < end; seed += given.batch) {
  const [failure] = await campaign.run(seed, given.batch, options);
  console.log(describeCounts(campaign.counts));
  if (failure === undefined) continue;
  console.log(
    `${failure.program.name}, of the batch of ${elementOf(seed)} at seed ${seed}:\n${describeFailure(failure)}`,
  );
  const deadline = performance.now() + 120_000;
  const simplest = await shrink(
    failure,
    { ...options, element: elementOf(seed), blockSize: blockSizeOf(seed) },
    () => performance.now() > deadline,
  );
  console.log(`The simplest like it:\n${describeFailure(simplest)}`);
  process.exitCode = 1;
  break;
}
