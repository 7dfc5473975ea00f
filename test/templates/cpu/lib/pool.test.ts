import { describe, expect, it } from 'vitest';
import { runNative } from './native.ts';

describe('the thread pool', () => {
  it('runs every rank once, orders memory at barriers, wakes its sleepers and ends', async () => {
    expect(await runNative('pool', 'native')).toEqual({
      alone: 0,
      pair: 0,
      oversubscribed: 0,
      lost_tickets: 0,
      wrong_order: 0,
      wrong_shares: 0,
      changed_callers: 0,
      sleepers_woken: 6,
    });
  });
});
