import { describe, expect, it } from 'vitest';
import { rootHash } from '../../runtime/block-hash.ts';
import { noGenerationDefaults } from '../../runtime/generation-config.ts';
import { resolveSamplingParams, type SamplingParams } from '../../runtime/sampling-params.ts';
import { Sequence } from '../../runtime/sequence.ts';
import { writeStateRow } from '../../runtime/state-rows.ts';
import { FakeEngine } from './fake-engine.ts';

/** A sequence in row 2, of the prompt [0, 1, 1] and the output [1, 3, 3]. */
function sequence(params: SamplingParams): Sequence {
  const limits = { vocabSize: 5, topCount: 5 };
  const running = new Sequence(1, [0, 1, 1], resolveSamplingParams(params, noGenerationDefaults, limits), rootHash(''));
  running.stateRow = 2;
  for (const token of [1, 3, 3]) running.append(token);
  return running;
}

class RecordingEngine extends FakeEngine {
  readonly rows: Record<string, readonly number[]> = {};

  override writeStateRow(state: string, row: number, data: Int32Array | Float32Array): void {
    super.writeStateRow(state, row, data);
    this.rows[`${state} ${row}`] = [...data];
  }
}

describe('writeStateRow', () => {
  it('writes what the prompt has, how often the output has it, and the bias', () => {
    const engine = new RecordingEngine({ vocabSize: 5 });
    writeStateRow(engine, sequence({ logitBias: { 4: -2 } }), 6);
    expect(engine.rows).toEqual({
      'promptSeen 2': [1, 1, 0, 0, 0],
      'outputCounts 2': [0, 1, 0, 2, 0],
      'logitBias 2': [0, 0, 0, 0, -2],
    });
  });

  it('bans stop tokens while there are too few tokens, and lifts the ban once there are enough', () => {
    const engine = new RecordingEngine({ vocabSize: 5 });
    const running = sequence({ minTokens: 4, stopTokenIds: [2], logitBias: { 2: 1 } });
    writeStateRow(engine, running, 6);
    expect(engine.rows['logitBias 2']).toEqual([0, 0, Number.NEGATIVE_INFINITY, 0, 0]);
    // The token before, number 6, need not be known for that: the engine has counted it.
    engine.stateWrites.splice(0);
    writeStateRow(engine, running, 7);
    expect(engine.rows['logitBias 2']).toEqual([0, 0, 1, 0, 0]);
    expect(engine.stateWrites).toEqual([{ state: 'logitBias', row: 2 }]);
  });

  it('writes once, and nothing for a sequence without bias and penalties', () => {
    const engine = new FakeEngine({ vocabSize: 5 });
    const running = sequence({ presencePenalty: 1 });
    writeStateRow(engine, running, 6);
    writeStateRow(engine, running, 7);
    writeStateRow(engine, sequence({ temperature: 0 }), 6);
    expect(engine.stateWrites).toHaveLength(3);
  });
});
