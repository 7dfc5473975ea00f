/** The expressions of a definition, in the order they are printed. */
import type { Expression } from './expression.ts';
import type { Definition } from './operator.ts';

export function expressionsOf(definition: Definition): readonly Expression[] {
  switch (definition.kind) {
    case 'map':
      return [definition.value];
    case 'attend': {
      const { low, high, mask, score, value } = definition;
      return [low, high, ...(mask ? [mask] : []), score, value];
    }
    case 'scatter':
      return [definition.extent, ...definition.slot, ...definition.writes.map((write) => write.value)];
  }
}
