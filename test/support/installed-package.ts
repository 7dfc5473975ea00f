/** The package as a stranger has it: packed by npm and installed into a folder of another project. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from './user-folder.ts';

export interface InstalledPackage {
  /** The stranger's folder, with a space and letters beyond ASCII in its path. */
  readonly path: string;
  /** The package in it. */
  readonly package: string;
  /** Paths in the tarball, and its size. */
  readonly files: readonly string[];
  readonly sizeBytes: number;
  remove(): void;
}

/**
 * Packs a copy of the checkout, so that its dist/ stays as it is, and installs it. The stranger's lock file has the versions of ours:
 * npm then asks no registry for what `npm ci` has left in its cache. Throws with npm's words where it cannot be installed.
 */
export async function installPackage(): Promise<InstalledPackage> {
  const temporary = mkdtempSync(join(tmpdir(), 'warpsmith-package-'));
  const checkout = join(temporary, 'checkout');
  const path = join(temporary, 'ein Übungsordner');
  copyCheckout(checkout);
  const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', temporary], { cwd: checkout });
  // What a script of ours prints comes before it.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  mkdirSync(path);
  const tarball = relative(path, join(temporary, packed.filename));
  writeFileSync(join(path, 'package.json'), JSON.stringify({ dependencies: { warpsmith: `file:${tarball}` } }));
  writeFileSync(join(path, 'package-lock.json'), JSON.stringify(lockFor(tarball, packed.integrity)));
  await execa('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: path, all: true });
  return {
    path,
    package: join(path, 'node_modules/warpsmith'),
    files: packed.files.map((file: { readonly path: string }) => file.path),
    sizeBytes: packed.size,
    remove: () => rmSync(temporary, { recursive: true, force: true }),
  };
}

function copyCheckout(to: string): void {
  const left = new Set(['node_modules', 'dist', '.git', 'generated', 'coverage', 'test', 'bench', 'docs']);
  mkdirSync(to);
  for (const name of readdirSync(packageRoot))
    if (!left.has(name)) cpSync(join(packageRoot, name), join(to, name), { recursive: true });
  symlinkSync(join(packageRoot, 'node_modules'), join(to, 'node_modules'));
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly dependencies?: object }>>;
}

function lockFor(tarball: string, integrity: string) {
  const ours: Lock = JSON.parse(readFileSync(join(packageRoot, 'package-lock.json'), 'utf8'));
  const { dependencies, bin, engines, version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const needed = Object.entries(ours.packages).filter(([path, { dev }]) => path !== '' && !dev);
  return {
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { dependencies: { warpsmith: `file:${tarball}` } },
      ...Object.fromEntries(needed),
      'node_modules/warpsmith': { version, resolved: `file:${tarball}`, integrity, dependencies, bin, engines },
    },
  };
}
