import { expect, it } from 'vitest';
import yargs, { type Argv } from 'yargs';
import { settleValues } from '../../bin/option-values.ts';
import { samplingOptions } from '../../bin/sampling-options.ts';

function parse(...line: readonly string[]) {
  const cli: Argv = yargs([...line])
    .parserConfiguration({ 'greedy-arrays': false })
    .option('prompt', { type: 'string', array: true })
    .option('model', { type: 'string' })
    .options(samplingOptions)
    .middleware((parsed) => settleValues(parsed, line, cli), true)
    .fail((_, error) => {
      throw error;
    });
  return cli.parseSync();
}

it('of an option given twice the last counts, of lists each', () => {
  const line = '--temperature 0 --seed 7 --temperature 0.5 --stop a --stop b --model x --model y';
  expect(parse(...line.split(' '))).toMatchObject({ temperature: 0.5, seed: 7, stop: ['a', 'b'], model: 'y' });
});

it('a variable of a shell that is not set is no 0', () => {
  expect(() => parse('--temperature=')).toThrow('--temperature has no value.');
  expect(() => parse('--max-tokens', '')).toThrow('--max-tokens has no value.');
  expect(() => parse('--model=')).toThrow('--model has no value.');
});

it('an empty prompt is one', () => {
  expect(parse('--prompt', '').prompt).toEqual(['']);
});
