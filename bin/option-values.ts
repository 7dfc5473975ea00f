/** What yargs leaves of an option that was given twice, or without a value. */
import type { Argv } from 'yargs';
import { UsageError } from './failure.ts';

/** An empty text is a prompt or a text to score; elsewhere it is a variable of a shell that was not set. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['prompt', 'text']);

/** As yargs keeps them, by name. */
interface OptionTypes {
  readonly array: readonly string[];
  readonly boolean: readonly string[];
}

/** Before options are checked: of one that was given twice the last counts, so that a script's own can be overridden. Throws UsageError. */
export function settleValues(parsed: Record<string, unknown>, given: readonly string[], cli: Argv): void {
  // Not among the types of yargs.
  const { array, boolean } = (cli as Argv & { getOptions(): OptionTypes }).getOptions();
  for (const [name, value] of Object.entries(parsed))
    if (name !== '_' && Array.isArray(value) && !array.includes(name)) parsed[name] = value.at(-1);
  for (const [place, argument] of given.entries()) {
    const [, name, value = given[place + 1]] = /^--([\w-]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (name !== undefined && value === '' && !MAY_BE_EMPTY.has(name) && !boolean.includes(name))
      throw new UsageError(`--${name} has no value.`, 'Give it one, or leave it out.');
  }
}
