/** The ring of a built engine, on this machine's processors and on a simulated GPU: steps under way, their results, their ends. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NativeStepEngine } from '../../runtime/engine.ts';
import type { StepBatch } from '../../runtime/engine-interface.ts';
import { StepCancelled } from '../../runtime/native.ts';
import { simulated } from '../support/simulation.ts';
import { tinyEngine } from '../support/tiny-engine.ts';

const prompt = [5, 6, 7, 8, 9];

/** One sequence in row 3 of the state: the prompt, or a token behind so many; its last row draws at temperature 1. */
function stepOf(engine: NativeStepEngine, tokens: readonly number[], cached: number): StepBatch {
  const blockTable = Int32Array.from({ length: engine.limits.maxBlocksPerSequence }, (_, block) => block);
  const length = cached + tokens.length;
  return {
    tokens: Int32Array.from(tokens),
    cuSeqlens: Int32Array.of(0, tokens.length),
    contextLens: Int32Array.of(length),
    blockTable,
    rows: Int32Array.of(tokens.length - 1),
    inputs: {
      temperature: Float32Array.of(1),
      topP: Float32Array.of(1),
      minP: Float32Array.of(0),
      repetitionPenalty: Float32Array.of(1),
      presencePenalty: Float32Array.of(0),
      frequencyPenalty: Float32Array.of(0),
      topK: Int32Array.of(0),
      seed: Int32Array.of(11),
      position: Int32Array.of(length),
      stateRow: Int32Array.of(3),
      usePenalties: Int32Array.of(0),
      keptRow: Int32Array.of(3),
      targets: Int32Array.of(-1),
    },
  };
}

const lastOfRow3 = -1 - 3;

describe.each([
  { name: 'on the CPU', options: { threads: 2 } },
  { name: 'on a simulated GPU', options: simulated },
])('$name', ({ options }) => {
  const open = () => tinyEngine({ maxSequences: 4, maxTokens: 16, ...options });
  let engine: NativeStepEngine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  test('steps that take the last token from the state give what steps give that are told it', async () => {
    const told: { readonly token: number; readonly logprob: number }[] = [];
    for (let step = 0; step < 4; step++) {
      const batch = step === 0 ? stepOf(engine, prompt, 0) : stepOf(engine, [told.at(-1)!.token], 4 + step);
      const { token, logprob } = engine.stepSync(batch);
      told.push({ token: token[0]!, logprob: logprob[0]! });
    }
    const tickets = [engine.submit(stepOf(engine, prompt, 0))];
    for (let step = 1; step < 4; step++) tickets.push(engine.submit(stepOf(engine, [lastOfRow3], 4 + step)));
    const drawn = [];
    for (const ticket of tickets) {
      const { token, logprob } = await engine.wait(ticket);
      drawn.push({ token: token[0], logprob: logprob[0] });
    }
    expect(new Set(told.map(({ token }) => token)).size).toBeGreaterThan(1);
    expect(drawn).toEqual(told);
  });

  test('results stay in their slot until it is taken again', async () => {
    const first = engine.submit(stepOf(engine, prompt, 0));
    const result = await engine.wait(first);
    const [token, logprob] = [result.token[0], result.logprob[0]];
    for (let step = 1; step < engine.ringSlots; step++) engine.stepSync(stepOf(engine, [7], 4 + step));
    expect([result.token[0], result.logprob[0]]).toEqual([token, logprob]);
    engine.stepSync(stepOf(engine, [9], 5));
    expect(result.logprob[0]).not.toBe(logprob);
    await expect(engine.wait(first)).rejects.toThrow(`step ${first} is not in the ring`);
    await expect(engine.wait(first + 100)).rejects.toThrow(/not in the ring/);
  });

  test('a step that is refused leaves the ring as it was', async () => {
    const wrong = stepOf(engine, [1], 0);
    const started = () => engine.wait(engine.submit({ ...wrong, contextLens: Int32Array.of(0) }));
    await expect((async () => await started())()).rejects.toThrow('sequence 0 has a negative length');
    expect(engine.stepSync(stepOf(engine, prompt, 0)).token[0]).toBeGreaterThanOrEqual(0);
  });

  test('an engine that is closed with steps under way ends once they have', async () => {
    const other = await open();
    const tickets = Array.from({ length: 4 }, () => other.submit(stepOf(other, prompt, 0)));
    const ends = tickets.map((ticket) =>
      other.wait(ticket).then(
        () => 'done',
        (error: unknown) => (error instanceof StepCancelled ? 'cancelled' : String(error)),
      ),
    );
    other.close();
    for (const end of await Promise.all(ends)) expect(['done', 'cancelled']).toContain(end);
    const abandoned = await open();
    abandoned.submit(stepOf(abandoned, prompt, 0));
    abandoned.close();
  });
});

test('on the CPU, a cancel ends the steps under way and none that comes later', async () => {
  const engine = await tinyEngine({ threads: 1 });
  try {
    const expected = engine.stepSync(stepOf(engine, prompt, 0)).logprob[0];
    const tickets = Array.from({ length: 4 }, () => engine.submit(stepOf(engine, prompt, 0)));
    engine.native.cancel();
    const later = engine.wait(tickets[3]!);
    await expect(later).rejects.toThrow(StepCancelled);
    const { logprob } = await engine.wait(engine.submit(stepOf(engine, prompt, 0)));
    expect(logprob[0]).toBe(expected);
  } finally {
    engine.close();
  }
});
