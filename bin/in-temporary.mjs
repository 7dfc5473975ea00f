import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Fills `folder` under another name and renames it, so that it is there as a whole or not at all. Returns it. */
export async function inTemporary(folder, make) {
  if (existsSync(folder)) return folder;
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  const temporary = mkdtempSync(join(parent, '.making-'));
  try {
    await make(temporary);
    // A temporary folder is its maker's alone; what root has made, in an image or a shared checkout, others run.
    chmodSync(temporary, 0o777 & ~process.umask());
    renameSync(temporary, folder);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return folder;
}
