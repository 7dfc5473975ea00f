import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockPool } from '../../runtime/block-pool.ts';

describe('BlockPool', () => {
  it('answers exhaustion with undefined', () => {
    const pool = new BlockPool(2);
    expect([pool.allocate(), pool.allocate(), pool.allocate()]).toEqual([0, 1, undefined]);
    expect(pool.statistics()).toEqual({ total: 2, free: 0, used: 2, peak: 2, cached: 0 });
  });

  it('frees a block when its last reference is given back', () => {
    const pool = new BlockPool(1);
    const block = pool.allocate()!;
    pool.share(block);
    pool.release(block, 0);
    expect(pool.allocate()).toBeUndefined();
    pool.release(block, 0);
    expect(pool.allocate()).toBe(block);
  });

  it('keeps a block from others until the step that last used it has ended', () => {
    const pool = new BlockPool(1);
    pool.release(pool.allocate()!, 3);
    pool.completeStep(2);
    expect(pool.allocate()).toBeUndefined();
    pool.completeStep(3);
    expect(pool.allocate()).toBe(0);
  });

  it('does not free a block that was taken up again and retired by a later step', () => {
    const pool = new BlockPool(1);
    const block = pool.allocate()!;
    pool.register(block, 'prefix');
    pool.release(block, 1);
    pool.share(block);
    pool.release(block, 2);
    pool.completeStep(1);
    expect(pool.allocate()).toBeUndefined();
    pool.completeStep(2);
    expect(pool.allocate()).toBe(block);
  });

  it('finds a freed prefix again, and forgets the one unused for longest', () => {
    const pool = new BlockPool(3);
    for (const hash of ['a', 'b', 'c']) {
      const block = pool.allocate()!;
      pool.register(block, hash);
      pool.release(block, 0);
    }
    pool.share(pool.find('a')!);
    pool.release(pool.find('a')!, 0);
    pool.allocate();
    expect(['a', 'b', 'c'].map((hash) => pool.find(hash))).toEqual([0, undefined, 2]);
  });

  it('takes blocks with worthless contents before cached ones', () => {
    const pool = new BlockPool(2);
    const cached = pool.allocate()!;
    pool.register(cached, 'a');
    pool.release(cached, 0);
    expect(pool.allocate()).not.toBe(cached);
    expect(pool.find('a')).toBe(cached);
  });

  it('throws where a reference is given back twice', () => {
    const pool = new BlockPool(1);
    const block = pool.allocate()!;
    pool.release(block, 0);
    expect(() => pool.release(block, 0)).toThrow('released more often');
  });
});

/** The pool as a list of holdings: who holds what, and until which step a block must rest. */
interface Model {
  step: number;
  completed: number;
  held: number[];
  readonly lastStep: Map<number, number>;
  readonly contents: Map<number, string>;
  peak: number;
}

const numBlocks = 5;
const commands = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('allocate' as const) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('release' as const), pick: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('register' as const),
        pick: fc.nat(),
        hash: fc.integer({ min: 0, max: 6 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('find' as const), hash: fc.integer({ min: 0, max: 6 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('startStep' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('completeStep' as const), pick: fc.nat() }) },
  ),
  { maxLength: 120 },
);

type Command = typeof commands extends fc.Arbitrary<(infer Item)[]> ? Item : never;

describe('BlockPool against its model', () => {
  it('loses no block and hands none out twice', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const pool = new BlockPool(numBlocks);
        const model: Model = { step: 0, completed: 0, held: [], lastStep: new Map(), contents: new Map(), peak: 0 };
        for (const command of list) {
          apply(command, pool, model);
          compare(pool, model);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function isFree(model: Model, block: number): boolean {
  return !model.held.includes(block) && (model.lastStep.get(block) ?? 0) <= model.completed;
}

function apply(command: Command, pool: BlockPool, model: Model): void {
  switch (command.kind) {
    case 'allocate': {
      const block = pool.allocate();
      const free = [...Array(numBlocks).keys()].filter((candidate) => isFree(model, candidate));
      expect(block === undefined).toBe(free.length === 0);
      if (block === undefined) return;
      expect(free).toContain(block);
      if (model.contents.has(block)) expect(free.every((candidate) => model.contents.has(candidate))).toBe(true);
      model.contents.delete(block);
      model.held.push(block);
      return;
    }
    case 'release': {
      const place = command.pick % Math.max(1, model.held.length);
      const [block] = model.held.splice(place, 1);
      if (block === undefined) return;
      pool.release(block, model.step);
      if (!model.held.includes(block)) model.lastStep.set(block, model.step);
      return;
    }
    case 'register': {
      const block = model.held[command.pick % Math.max(1, model.held.length)];
      if (block === undefined) return;
      const hash = String(command.hash);
      const isNew = !model.contents.has(block) && ![...model.contents.values()].includes(hash);
      expect(pool.register(block, hash)).toBe(isNew);
      if (isNew) model.contents.set(block, hash);
      return;
    }
    case 'find': {
      const hash = String(command.hash);
      const block = pool.find(hash);
      expect(block).toBe([...model.contents].find(([, contents]) => contents === hash)?.[0]);
      if (block === undefined) return;
      expect(pool.isFree(block)).toBe(isFree(model, block));
      pool.share(block);
      model.held.push(block);
      return;
    }
    case 'startStep':
      model.step += 1;
      return;
    case 'completeStep':
      model.completed += command.pick % (model.step - model.completed + 1);
      pool.completeStep(model.completed);
  }
}

function compare(pool: BlockPool, model: Model): void {
  const free = [...Array(numBlocks).keys()].filter((block) => isFree(model, block)).length;
  model.peak = Math.max(model.peak, numBlocks - free);
  expect(pool.statistics()).toEqual({
    total: numBlocks,
    free,
    used: numBlocks - free,
    peak: model.peak,
    cached: model.contents.size,
  });
}
