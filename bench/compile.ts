/**
 * `npm run bench:compile`: how long an author waits for an engine of a 0.6B shape: cold, and after an edit of one operator. Each
 * is the whole command `warpsmith build`, in a cache of its own. CPU seconds tell the same on a machine that others use too.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import yargs from 'yargs';

const options = await yargs(process.argv.slice(2))
  .usage('npm run bench:compile -- [options]\n\nMeasures a cold build of a model and one after an edit of an operator.')
  .option('target', { choices: ['cpu', 'cuda'] as const, default: 'cuda' as const, describe: 'what to build' })
  .option('arch', { type: 'string', default: 'sm_90a', describe: 'the GPU’s architecture' })
  .option('shape', { type: 'string', default: '0.6b', describe: 'a file of bench/shapes' })
  .strict()
  .help()
  .parse();

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** An author's model: Qwen3 with operators of their own for activation and attention. */
function modelText(activation: string, score: string): string {
  return `import {
  act, attend, gatedMlp, f32, idiv, kvCache, op, pos, qwen3, ragged, range, selfAttention, seq, silu, sum, tanh,
} from '${ROOT}dsl/index.ts';

export const gate = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, 2 * H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => ${activation} * x(t, H + h) }),
});

export const lookBack = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D }) => ({ q: act(T, HQ, D), kv: kvCache(HK, D) }),
  attrs: { scale: f32 },
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ HQ, HK, D }, { q, kv }, { scale }) => ({
    o: (t, h) =>
      attend(range(0, pos(t) + 1), (j) => ({
        score: ${score.replace('S', 'scale * sum(D, (d) => q(t, h, d) * kv.k(seq(t), j, idiv(h, HQ / HK), d))')},
        value: (d) => kv.v(seq(t), j, idiv(h, HQ / HK), d),
      })),
  }),
});

export default (config, options) =>
  qwen3(config, {
    ...options,
    mlp: (parts, layer, x) => gatedMlp(parts, \`\${layer.prefix}.mlp\`, gate, x),
    attention: (parts, layer, x) => selfAttention(parts, layer, { headNorms: true, attend: lookBack }, x),
  });
`;
}

const builds = [
  ['cold', modelText('silu(x(t, h))', 'S')],
  ['nothing changed', modelText('silu(x(t, h))', 'S')],
  ['an activation edited', modelText('silu(2 * x(t, h))', 'S')],
  ['a score edited', modelText('silu(2 * x(t, h))', '30 * tanh((S) / 30)')],
] as const;

const folder = mkdtempSync(join(tmpdir(), 'warpsmith-compile-'));
try {
  mkdirSync(join(folder, 'checkpoint'));
  writeFileSync(join(folder, 'checkpoint/config.json'), readFileSync(join(ROOT, `bench/shapes/${options.shape}.json`)));
  const target = options.target === 'cuda' ? ['--target', 'cuda', '--arch', options.arch] : [];
  const machine = target.at(-1) ?? 'this CPU';
  process.stdout.write(`${options.shape} for ${machine}, ${availableParallelism()} cores: seconds, CPU seconds\n`);
  for (const [name, text] of builds) {
    writeFileSync(join(folder, 'model.ts'), text);
    const started = performance.now();
    const command = [process.execPath, join(ROOT, 'bin/warpsmith.mjs'), 'build', join(folder, 'checkpoint')];
    const { stdout } = await execa(
      'sh',
      ['-c', '"$@" > /dev/null && times', 'sh', ...command, '--model', join(folder, 'model.ts'), ...target],
      { env: { WARPSMITH_CACHE: join(folder, 'cache') } },
    );
    const seconds = [(performance.now() - started) / 1000, cpuSeconds(stdout)];
    process.stdout.write(`${seconds.map((each) => each.toFixed(1).padStart(8)).join('')}  ${name}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Of the shell's children: the second line of `times`, such as `0m2.345s 0m0.120s`, user and system. */
function cpuSeconds(times: string): number {
  const [, children = ''] = times.split('\n');
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
}
