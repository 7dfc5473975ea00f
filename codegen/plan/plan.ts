/**
 * Plans the memory of a program: every base value gets a place, and intermediate values whose lives do not overlap share a
 * slot of the arena. Sizes stay symbolic: a slot is as large as its largest value at the capacities an engine is created with.
 *
 * Needs: kernels in order. Leaves: one entry a base value, in a stable order that the host program indexes.
 */
import type { Kernel } from '../ir/kernel.ts';
import { kernelAccess } from '../ir/kernel-access.ts';
import type { Program } from '../ir/program.ts';

export interface MemoryEntry {
  readonly key: string;
  readonly kind: 'input' | 'weight' | 'constant' | 'state' | 'result' | 'arena';
  /** The slot of an arena value; -1 for what has memory of its own. */
  readonly slot: number;
}

export interface MemoryPlan {
  readonly entries: readonly MemoryEntry[];
  readonly slots: number;
}

export function plan(program: Program, kernels: readonly Kernel[]): MemoryPlan {
  const lives = lifetimes(program, kernels);
  const results = new Set([...program.results.values()].map((key) => program.values.get(key)?.aliasOf ?? key));
  const entries: MemoryEntry[] = [];
  /** For each slot, the kernel after which it is free. */
  const slots: number[] = [];
  const locals = new Set(kernels.flatMap((kernel) => (kernel.kind === 'nest' ? kernel.locals : [])));
  const byBirth = [...lives].sort(([, a], [, b]) => a.first - b.first);
  for (const [key, life] of byBirth) {
    const value = program.values.get(key);
    if (!value || locals.has(key)) continue;
    if (value.role.kind !== 'intermediate') entries.push({ key, kind: value.role.kind, slot: -1 });
    else if (results.has(key)) entries.push({ key, kind: 'result', slot: -1 });
    else {
      const free = slots.findIndex((until) => until < life.first);
      const slot = free >= 0 ? free : slots.length;
      slots[slot] = life.last;
      entries.push({ key, kind: 'arena', slot });
    }
  }
  return { entries, slots: slots.length };
}

interface Life {
  readonly first: number;
  readonly last: number;
}

/** From the kernel that writes a value first to the one that touches it last, by base value. */
function lifetimes(program: Program, kernels: readonly Kernel[]): ReadonlyMap<string, Life> {
  const lives = new Map<string, Life>();
  kernels.forEach((kernel, place) => {
    const { reads, writes } = kernelAccess(kernel);
    for (const key of [...reads, ...writes]) {
      const base = program.values.get(key)?.aliasOf ?? key;
      const life = lives.get(base);
      lives.set(base, { first: life?.first ?? place, last: place });
    }
  });
  return lives;
}
