/** Before the package is packed: its bundle and its declarations, in dist/, so that an installed package builds nothing of its own. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { packBundle } from './bundle.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

await packBundle();
rmSync(new URL('../dist/types', import.meta.url), { recursive: true, force: true });
await execa('tsc', ['-p', 'tsconfig.types.json'], {
  cwd: root,
  preferLocal: true,
  stdout: 'inherit',
  stderr: 'inherit',
});
