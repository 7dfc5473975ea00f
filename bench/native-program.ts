/** Builds a C++ program of bench/native/ for this machine, through the compiler's cache. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { cached, contentHash } from '../codegen/build/cache.ts';
import { findToolchain } from '../codegen/build/toolchain.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** The path of the executable of bench/native/`name`.cpp. Throws where there is no compiler. */
export async function nativeProgram(name: string): Promise<string> {
  const found = await findToolchain();
  if (!found.ok) throw new Error(`${found.message}. ${found.mend}`);
  const { compiler, version, flags, processorFeatures } = found.toolchain;
  const sources = ['bench/native', 'templates/cpu/lib'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .sort()
      .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
  );
  const key = contentHash(name, version, flags.join(' '), processorFeatures.join(' '), ...sources);
  const { path } = await cached('bench', key, async (target) => {
    await execa(compiler, [...flags, '-pthread', join(ROOT, 'bench/native', `${name}.cpp`), '-o', target]);
  });
  return path;
}
