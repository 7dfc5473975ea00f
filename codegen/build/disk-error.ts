/** Writing that fails because of the disk, and what its owner can do about it. */
import { tmpdir } from 'node:os';

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const REFUSED = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'EIO', 'EBUSY'];
/** As compilers print them. */
const FULL_IN_WORDS = /No space left on device|Disk quota exceeded|File too large|File size limit exceeded/;

export interface DiskProblem {
  readonly message: string;
  readonly mend: string;
}

/** Null for an error of another kind. `cache`: the folder that is written where the error does not say. */
export function diskProblem(error: unknown, cache: string): DiskProblem | null {
  if (!(error instanceof Error)) return null;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const where = path ?? cache;
  if ((code !== undefined && FULL.includes(code)) || FULL_IN_WORDS.test(error.message)) {
    return {
      message: `The disk is full: ${where} could not be written.`,
      mend: `Free some space, or name a folder on another disk in WARPSMITH_CACHE (now ${cache}) and TMPDIR.`,
    };
  }
  if (syscall === 'mkdtemp') {
    return {
      message: `The folder for temporary files, ${tmpdir()}, cannot be written: ${code}.`,
      mend: 'Name a folder of your own that is there in TMPDIR.',
    };
  }
  // Folders are made with their parents: one whose parent is not there is where none can be made.
  const isRefused = code !== undefined && (REFUSED.includes(code) || (code === 'ENOENT' && syscall === 'mkdir'));
  if (isRefused) {
    return {
      message: `${where} cannot be written: ${code}.`,
      mend: `Name a folder of your own in WARPSMITH_CACHE (now ${cache}), or with --out where you gave it.`,
    };
  }
  return null;
}
