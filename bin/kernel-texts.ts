/** Generated sources taken apart into their kernels, so that two versions can be compared kernel by kernel. */

/** `cuda/silu_mul.cu` to its text; what belongs to no kernel is left out. */
export type KernelTexts = ReadonlyMap<string, string>;

/** Of generated files by path: `cuda/nest.cu` and its like. A kernel begins with its docstring and reaches to the next one. */
export function kernelTexts(files: ReadonlyMap<string, string>): KernelTexts {
  const kernels = new Map<string, string>();
  for (const [path, text] of files) {
    const [, folder = '', ending = ''] = /^(\w+)\/\w+\.(cu|cpp)$/.exec(path) ?? [];
    const nameOf = namePatterns[ending];
    if (nameOf === undefined) continue;
    for (const part of text.replace(/\n\} {2}\/\/ namespace ws\n$/, '').split(/^(?=\/\*\*$)/m)) {
      const name = nameOf.exec(part)?.[1];
      if (name !== undefined) kernels.set(`${folder}/${name}.${ending}`, `${part.trim()}\n`);
    }
  }
  return kernels;
}

/** The function that is launched; programs, which launch them, have other parameters. */
const namePatterns: Readonly<Record<string, RegExp>> = {
  cu: /__global__ .*?(\w+)\(const Batch /,
  cpp: /^void (\w+)\(const Batch& batch, Worker& worker/m,
};

export interface KernelChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: number;
}

export function kernelChanges(before: KernelTexts, after: KernelTexts): KernelChanges {
  const both = [...after.keys()].filter((name) => before.has(name)).sort();
  const changed = both.filter((name) => before.get(name) !== after.get(name));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)).sort(),
    removed: [...before.keys()].filter((name) => !after.has(name)).sort(),
    changed,
    unchanged: both.length - changed.length,
  };
}
