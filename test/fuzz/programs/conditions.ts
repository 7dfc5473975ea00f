/** Conditions of numbers and of indices. */
import { wholeNumber } from './indices.ts';
import { numberIn } from './numbers.ts';
import { deeper, type Scope } from './scope.ts';

export function conditionOn(scope: Scope): string {
  const { choices } = scope;
  const inside = deeper(scope);
  const compared = (part: () => string, signs: readonly string[]): string => {
    const [left, right] = [part(), part()];
    const sign = choices.pick(signs);
    // TypeScript takes `a < (b > (c))` for type arguments.
    return sign === '<' && right.includes('>') ? `(${right}) > (${left})` : `(${left}) ${sign} (${right})`;
  };
  return choices.oneOf(
    [4, () => compared(() => numberIn({ ...inside, fuel: Math.min(inside.fuel, 1) }), ['<', '>', '<=', '>='])],
    [
      4,
      () =>
        compared(
          () => wholeNumber({ ...inside, fuel: Math.min(inside.fuel, 1) }),
          ['<', '>', '<=', '>=', '===', '!=='],
        ),
    ],
    [scope.fuel > 1 ? 1 : 0, () => `(${conditionOn(inside)} ${choices.pick(['&&', '||'])} ${conditionOn(inside)})`],
    [scope.fuel > 1 ? 1 : 0, () => `!(${conditionOn(inside)})`],
  );
}
