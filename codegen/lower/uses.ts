/** Who reads a value, and how: the facts from which fusion decides. */

import { childrenOf, nodesOf } from '../ir/children.ts';
import type { Expression, Load } from '../ir/expression.ts';
import type { Definition } from '../ir/operator.ts';
import { type BoundDefinition, baseOf, type Program } from '../ir/program.ts';

export interface LoadSite {
  readonly node: Load;
  /** Inside the body of a reduction, an attend's score or value. */
  readonly inLoop: boolean;
}

/** The expressions of a definition, each with whether it is evaluated once for each element of the output. */
export function roots(definition: Definition): readonly { readonly root: Expression; readonly inLoop: boolean }[] {
  switch (definition.kind) {
    case 'map':
      return [{ root: definition.value, inLoop: false }];
    case 'attend':
      return [
        { root: definition.low, inLoop: false },
        { root: definition.high, inLoop: false },
        { root: definition.score, inLoop: true },
        ...(definition.mask ? [{ root: definition.mask, inLoop: true }] : []),
        { root: definition.value, inLoop: true },
      ];
    case 'scatter':
      return [
        ...definition.slot.map((root) => ({ root, inLoop: false })),
        ...definition.writes.map((write) => ({ root: write.value, inLoop: false })),
      ];
  }
}

/** Every load of `key`'s memory in a definition, through a view too; distinct node objects only. */
export function loadSites(program: Program, definition: Definition, key: string): readonly LoadSite[] {
  const sites: LoadSite[] = [];
  const seen = new Set<Expression>();
  const visit = (node: Expression, inLoop: boolean): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'load' && baseOf(program, node.tensor) === key) sites.push({ node, inLoop });
    for (const child of childrenOf(node)) visit(child, inLoop || (node.kind === 'reduce' && child === node.body));
  };
  for (const { root, inLoop } of roots(definition)) visit(root, inLoop);
  return sites;
}

/** The base values that a definition loads. */
export function loadedValues(program: Program, definition: Definition): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const node of nodesOf(...roots(definition).map(({ root }) => root))) {
    if (node.kind === 'load') keys.add(baseOf(program, node.tensor));
  }
  return keys;
}

/** For each base value: the definitions that load it. */
export function consumers(
  program: Program,
  definitions: readonly BoundDefinition[],
): ReadonlyMap<string, readonly BoundDefinition[]> {
  const result = new Map<string, BoundDefinition[]>();
  for (const bound of definitions) {
    for (const key of loadedValues(program, bound.definition)) {
      const known = result.get(key);
      if (known) known.push(bound);
      else result.set(key, [bound]);
    }
  }
  return result;
}

export function isResult(program: Program, key: string): boolean {
  return [...program.results.values()].some((result) => baseOf(program, result) === key);
}
