/**
 * What README and the tutorial show is what there is. A fenced block below `<!-- from FILE -->` stands in that file, one below
 * `<!-- printed by COMMAND -->` is printed by that command, one below `<!-- run -->` holds commands that succeed, and one below
 * `<!-- file NAME -->` is a file that commands of its page read. A line of `…` stands for lines left out.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { root, textOf } from '../house/sources.ts';
import { type UserFolder, userFolder } from '../support/user-folder.ts';

const tutorial = readdirSync(join(root, 'docs/tutorial')).sort();
const pages = ['README.md', ...tutorial.map((file) => `docs/tutorial/${file}`)];

interface Shown {
  readonly origin: 'from' | 'printed by' | 'run' | 'file';
  readonly of: string;
  readonly text: string;
}

function shownIn(page: string): readonly Shown[] {
  const blocks = page.matchAll(/^<!-- (from|printed by|run|file) ?(.*?) -->\n```\w*\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, origin, of = '', text = '']) => ({ origin: origin as Shown['origin'], of, text }));
}

/** Whether the pieces between lines of `…` stand in `whole` in this order. */
function holds(whole: string, text: string): boolean {
  let at = 0;
  return text.split(/^ *…\n/m).every((piece) => {
    const found = whole.indexOf(piece, at);
    at = found + piece.length;
    return found >= 0;
  });
}

describe.each(pages)('%s', (path) => {
  const page = textOf(path);
  const folder = userFolder([]);
  afterAll(folder.remove);

  for (const { origin, of, text } of shownIn(page)) {
    if (origin === 'file') writeFileSync(folder.file(of), text);
    else if (origin === 'run')
      for (const command of text.trim().split('\n'))
        it(`runs ${command}`, async () => {
          expect(await printed(command, folder)).not.toBe('');
        });
    else
      it(`shows ${of} as it is`, async () => {
        const whole = origin === 'from' ? textOf(of) : await printed(of, folder);
        if (!holds(whole, text)) expect(whole).toContain(text);
      });
  }

  it('links to what exists', () => {
    const links = [...page.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(root, dirname(path), link)))).toEqual([]);
  });

  it('names commands and scripts that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json'));
    const named = [...page.matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
    const commands = [...page.matchAll(/npx warpsmith (\w+)/g)].map(([, command = '']) => command);
    expect(commands.filter((command) => !existsSync(join(root, `bin/${command}.ts`)))).toEqual([]);
  });
});

it('the tutorial is numbered from 01', () => {
  expect(tutorial.map((file) => file.slice(0, 3))).toEqual(tutorial.map((_, place) => `0${place + 1}-`));
});

/** In the folder of a user, where the page's files lie; what it names of the repository is found there. */
async function printed(command: string, folder: UserFolder): Promise<string> {
  const [program = '', ...args] = words(command.replace(/^npx /, ''));
  const places = args.map((arg) => (arg.startsWith('dsl/') ? join(root, arg) : arg));
  const [file, first] = program === 'warpsmith' ? [process.execPath, [join(root, 'bin/warpsmith.mjs')]] : [program, []];
  const options = { cwd: folder.path, preferLocal: true, localDir: root, stripFinalNewline: false };
  return (await execa(file, [...first, ...places], options)).stdout;
}

/** As a shell takes them apart: what is in double quotes is one. */
function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain);
}
