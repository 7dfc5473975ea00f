/**
 * The decisions that a random program is made of. A program is a function of them, so a shorter list, or one of smaller numbers,
 * is a simpler program: shrinking knows nothing of the language.
 */
import { Random } from '../../../verify/random.ts';

export class Choices {
  readonly #next: () => number;
  readonly #taken: number[] = [];

  private constructor(next: () => number) {
    this.#next = next;
  }

  static ofSeed(seed: number): Choices {
    const random = new Random(seed);
    return new Choices(() => random.integer(0, 2 ** 20));
  }

  /** The decisions of a list, and behind its end the simplest ones. */
  static of(list: readonly number[]): Choices {
    let place = 0;
    return new Choices(() => list[place++] ?? 0);
  }

  /** What has been decided so far; `Choices.of` it decides the same again. */
  get taken(): readonly number[] {
    return this.#taken;
  }

  /** An integer of [0, count); 0 is the simplest. */
  below(count: number): number {
    const choice = this.#next() % count;
    this.#taken.push(choice);
    return choice;
  }

  /** True in `percent` of the cases; false is simpler. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent;
  }

  /** The first is the simplest. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** One of the alternatives, each as often as its weight says; those of weight 0 never. The first is the simplest. */
  oneOf<Result>(...alternatives: readonly (readonly [weight: number, make: () => Result])[]): Result {
    let rest = this.below(alternatives.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, make] of alternatives) {
      if (rest < weight) return make();
      rest -= weight;
    }
    throw new Error('the weights add up to less than their sum');
  }
}
