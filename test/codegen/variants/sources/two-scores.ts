import { act, attend, f32, idiv, op, paged, pos, ragged, range, seq, sum } from 'warpsmith/dsl';

/** Paged attention in DeepSeek's form: content scores by head, and rotated scores against one key that all heads share. */
export const twoScoreAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D', 'DR'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D, DR }) => ({
    content: act(T, HQ, D),
    rotated: act(T, HQ, DR),
    kv: paged({ k: [HK, D], r: [1, DR], v: [HK, D] }),
  }),
  attrs: { scale: f32 },
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ HQ, HK, D, DR }, { content, rotated, kv }, { scale }) => ({
    o: (t, h) =>
      attend(range(0, pos(t) + 1), (j) => ({
        score:
          scale *
          (sum(D, (d) => content(t, h, d) * kv.k(seq(t), j, idiv(h, HQ / HK), d)) +
            sum(DR, (r) => rotated(t, h, r) * kv.r(seq(t), j, 0, r))),
        value: (d) => kv.v(seq(t), j, idiv(h, HQ / HK), d),
      })),
  }),
});
