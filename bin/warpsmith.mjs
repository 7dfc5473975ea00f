#!/usr/bin/env node
// The one JavaScript file: everything behind it is TypeScript source, loaded through tsx, a user's operators included.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
