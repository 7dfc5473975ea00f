/** For esbuild: takes a CommonJS package from its cached script, which is made when a process first needs it. */
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const LOADER = fileURLToPath(new URL('./cached-script.mjs', import.meta.url));

/** `root` is the package's folder, in whose folder dist/NAME the bundle lies. */
export function cachedScript(name, root) {
  return {
    name: 'cached-script',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: 'cached-script' }));
      onResolve({ filter: /./, namespace: 'cached-script' }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /./, namespace: 'cached-script' }, () => ({
        contents: `import { loadScript } from '../../${relative(root, LOADER)}';
export const { ${Object.keys(require(name)).join(', ')} } = await loadScript(${JSON.stringify(name)});`,
      }));
    },
  };
}
