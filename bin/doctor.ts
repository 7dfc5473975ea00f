/** `warpsmith doctor`: what this machine has of all that warpsmith can use. */
import type { Argv } from 'yargs';
import { colorsFor } from './colors.ts';
import { jsonOption } from './options.ts';

export function doctorCommand(cli: Argv): Argv {
  return cli.command(
    'doctor',
    'Tell which compilers, drivers and libraries are here, and how to get what is missing',
    (command) => command.options(jsonOption).example('$0 doctor', 'A line for each'),
    async ({ json }) => {
      const { examine } = await import('../verify/index.ts');
      const findings = await examine();
      if (json) {
        process.stdout.write(`${JSON.stringify(findings, null, 1)}\n`);
        return;
      }
      const colors = colorsFor(process.stdout);
      const width = Math.max(...findings.map(({ name }) => name.length));
      for (const { name, purpose, found, mend } of findings) {
        const mark = found === null ? colors.yellow('missing') : colors.green('found  ');
        process.stdout.write(
          `${mark} ${colors.bold(name.padEnd(width))}  ${found ?? mend} ${colors.dim(`(${purpose})`)}\n`,
        );
      }
    },
  );
}
