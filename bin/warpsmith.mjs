#!/usr/bin/env node
// Everything behind this file is TypeScript source, loaded through tsx, a user's operators included.
import { register as registerHooks } from 'node:module';
import { register } from 'tsx/esm/api';

register();
registerHooks('./typescript-modules.mjs', import.meta.url);
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
