/** A memory plan as stable text. */
import type { MemoryPlan } from '../plan/plan.ts';
import type { Program } from './program.ts';

export function printPlan(plan: MemoryPlan, program: Program): string {
  const lines = plan.entries.map((entry, place) => {
    const value = program.values.get(entry.key);
    return `  ${place} ${entry.key} ${value?.name} ${value?.storage}[${value?.shape.join(', ')}] ${entry.kind}${entry.kind === 'arena' ? ` slot ${entry.slot}` : ''}`;
  });
  return `${[`plan of ${program.name}: ${plan.slots} slots`, ...lines].join('\n')}\n`;
}
