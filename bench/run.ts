/** `npm run bench`: tokens a second of an engine, beside what this machine can read and multiply. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { formatGeneration, measureGeneration } from './generation.ts';
import { bestOf, gpuName, processorName } from './machine.ts';
import { type Measurement, measureShape } from './measure.ts';
import { formatKernels, formatMachine, formatMeasurements } from './report.ts';
import { checkScores } from './score.ts';
import { DEFAULT_SHAPES, openShape } from './shapes.ts';

const options = await yargs(process.argv.slice(2))
  .usage(
    'npm run bench -- [options]\n\nMeasures greedy decoding and prefill: on the CPU at batch 1, 8 and 32 behind 128 tokens and 512 tokens, on a GPU at batch 1, 8, 64 and 256 behind 512 tokens and 1024 and 4096 tokens.',
  )
  .option('target', { choices: ['cpu', 'cuda'] as const, default: 'cpu' as const, describe: 'what to measure' })
  .option('engine', { type: 'string', describe: 'a built engine of the shape, where there is no compiler' })
  .option('faulty', {
    type: 'string',
    array: true,
    describe: 'built engines of bench/faults/, which --check must tell apart',
  })
  .option('check', {
    type: 'boolean',
    default: false,
    describe: 'compare log-probabilities with those of bench/shapes/SHAPE.scores.json',
  })
  .option('shape', {
    type: 'string',
    array: true,
    describe: 'tiny, a file of bench/shapes, a config.json, or a checkpoint',
  })
  .option('generate', {
    type: 'boolean',
    default: false,
    describe: 'measure decoding through the scheduler and the loop instead, with and without a step submitted ahead',
  })
  .option('threads', { type: 'number', default: 0, describe: 'threads; 0: one a physical core' })
  .option('seconds', { type: 'number', default: 3, describe: 'time for each workload' })
  .option('kernels', { type: 'boolean', default: false, describe: 'print the time of each kernel too' })
  .option('json', { type: 'boolean', default: false, describe: 'print one JSON document' })
  .option('save', { type: 'boolean', default: false, describe: 'write bench/results/DATE-PROCESSOR.json' })
  .example('npm run bench -- --shape 135m --kernels', 'where the time of a 135M shape goes')
  .strict()
  .help()
  .parse();

const say = (text: string): void => {
  if (!options.json) process.stdout.write(`${text}\n`);
};

const results: { readonly shape: string; readonly measurements: readonly Measurement[] }[] = [];
for (const name of options.shape ?? DEFAULT_SHAPES[options.target]) {
  const shape = await openShape(name);
  const { architecture, hiddenSize, numLayers, vocabSize } = shape.config;
  say(`\n${name}: ${architecture}, hidden ${hiddenSize}, ${numLayers} layers, vocabulary ${vocabSize}, bf16`);
  if (options.generate) {
    const generation = await measureGeneration(shape, options);
    say(formatGeneration(generation));
    if (options.json) process.stdout.write(`${JSON.stringify({ shape: name, generation }, null, 1)}\n`);
    continue;
  }
  if (options.check) say(await checkScores(shape, options));
  const measurements = await measureShape(shape, options);
  results.push({ shape: name, measurements });
  say(formatMeasurements(measurements));
  if (options.kernels) for (const measurement of measurements) say(`\n${formatKernels(measurement)}`);
}

if (options.generate) process.exit();

const machines = results.flatMap(({ measurements }) => measurements.map(({ machine }) => machine));
const [first] = machines;
const machine = first && machines.reduce(bestOf, first);
const processor = options.target === 'cuda' ? await gpuName() : processorName();
if (machine) say(`\n${formatMachine(processor, machine)}`);
const report = { date: new Date().toISOString(), processor, machine, threads: options.threads, results };
if (options.json) process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
if (options.save) {
  const folder = fileURLToPath(new URL('results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${report.date.slice(0, 10)}-${processor.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`);
  say(`wrote ${file}`);
}
