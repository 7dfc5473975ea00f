/** The expressions of a definition, in the order they are printed, and the indices that each may use. */
import type { Expression, IndexVariable } from './expression.ts';
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

/** The indices that a definition binds, those of its reductions left out. */
export function variablesOf(definition: Definition): readonly IndexVariable[] {
  switch (definition.kind) {
    case 'map':
      return definition.indices;
    case 'attend':
      return [...definition.indices, definition.key, definition.valueIndex];
    case 'scatter':
      return [definition.variable, ...definition.writes.flatMap((write) => write.indices)];
  }
}

/** Each expression of a definition with the indices it may use. */
export function scopesOf(definition: Definition): readonly (readonly [Expression, readonly IndexVariable[]])[] {
  switch (definition.kind) {
    case 'map':
      return [[definition.value, definition.indices]];
    case 'attend': {
      const { indices, key, low, high, score, mask, value, valueIndex } = definition;
      const perKey = [...indices, key];
      return [
        [low, indices],
        [high, indices],
        ...(mask ? [[mask, perKey] as const] : []),
        [score, perKey],
        [value, [...perKey, valueIndex]],
      ];
    }
    case 'scatter': {
      const { extent, variable, slot, writes } = definition;
      return [
        [extent, []],
        ...slot.map((index) => [index, [variable]] as const),
        ...writes.map((write) => [write.value, [variable, ...write.indices]] as const),
      ];
    }
  }
}
