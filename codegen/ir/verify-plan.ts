/** What must hold of a memory plan: the rules that are broken, empty where all is well. Lives are reckoned here anew. */
import type { MemoryEntry, MemoryPlan } from '../plan/plan.ts';
import type { Kernel } from './kernel.ts';
import { kernelAccess } from './kernel-access.ts';
import { baseOf, type Program } from './program.ts';

export function verifyPlan(program: Program, kernels: readonly Kernel[], plan: MemoryPlan): readonly string[] {
  const entries = new Map(plan.entries.map((entry) => [entry.key, entry]));
  const touches = touchesOf(program, kernels);
  const missing = [...touches.keys()]
    .filter((key) => !entries.has(key))
    .map((key) => `${key} is touched by a kernel and has no memory`);
  const resultsMissing = [...program.results]
    .filter(([, key]) => !entries.has(baseOf(program, key)))
    .map(([name]) => `the result ${name} has no memory`);
  return [
    ...(entries.size === plan.entries.length ? [] : ['a value has two entries']),
    ...missing,
    ...resultsMissing,
    ...plan.entries.flatMap((entry) => entryBroken(program, plan, entry)),
    ...sharedSlots(plan, touches),
  ];
}

/** By base value, the places of the kernels that touch it in memory: a local is in a buffer of its kernel. */
function touchesOf(program: Program, kernels: readonly Kernel[]): ReadonlyMap<string, readonly number[]> {
  const touches = new Map<string, number[]>();
  kernels.forEach((kernel, place) => {
    const locals = new Set(kernel.kind === 'nest' ? kernel.locals : []);
    const { reads, writes } = kernelAccess(kernel);
    for (const key of new Set([...reads, ...writes].map((touched) => baseOf(program, touched))))
      if (!locals.has(key)) touches.set(key, [...(touches.get(key) ?? []), place]);
  });
  return touches;
}

function entryBroken(program: Program, plan: MemoryPlan, { key, kind, slot }: MemoryEntry): readonly string[] {
  const value = program.values.get(key);
  if (!value) return [`${key} has memory and is no value of the program`];
  if (value.aliasOf !== null) return [`${key} has memory of its own and shares that of ${value.aliasOf}`];
  const isResult = [...program.results.values()].some((result) => baseOf(program, result) === key);
  const expected = value.role.kind !== 'intermediate' ? value.role.kind : isResult ? 'result' : 'arena';
  return [
    ...(kind === expected ? [] : [`${key} is ${expected} and planned as ${kind}`]),
    ...((kind === 'arena' ? slot >= 0 && slot < plan.slots : slot === -1)
      ? []
      : [`${key} is ${kind} and has slot ${slot}`]),
  ];
}

function sharedSlots(plan: MemoryPlan, touches: ReadonlyMap<string, readonly number[]>): readonly string[] {
  const arena = plan.entries.filter((entry) => entry.kind === 'arena');
  return arena.flatMap((a, place) =>
    arena
      .slice(place + 1)
      .filter((b) => a.slot === b.slot && liveAtOnce(touches.get(a.key) ?? [], touches.get(b.key) ?? []))
      .map((b) => `${a.key} and ${b.key} live at once in slot ${a.slot}`),
  );
}

function liveAtOnce(a: readonly number[], b: readonly number[]): boolean {
  const [firstA, lastA, firstB, lastB] = [a.at(0), a.at(-1), b.at(0), b.at(-1)];
  if (firstA === undefined || lastA === undefined || firstB === undefined || lastB === undefined) return false;
  return firstA <= lastB && firstB <= lastA;
}
