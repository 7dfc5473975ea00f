import { pos } from '../lang/batch.ts';
import { f32, ragged } from '../lang/declare.ts';
import { cos, sin } from '../lang/intrinsics.ts';
import { op } from '../lang/operator.ts';

/**
 * The rotations of a step, shared by all layers (Su et al., 2021): cosine[t, f] = scale * cos(pos(t) * inverseFrequency[f]) and
 * sine[t, f] = scale * sin(pos(t) * inverseFrequency[f]), in radians a position. `scale` is yarn's (Peng et al., 2023), 1 elsewhere.
 * inverseFrequency: f32[F] -> cosine: f32[T, F], sine: f32[T, F].
 */
export const ropeTable = op({
  dims: [ragged('T', 'B'), 'F'],
  inputs: ({ F }) => ({ inverseFrequency: f32(F) }),
  attrs: { scale: f32 },
  outputs: ({ T, F }) => ({ cosine: f32(T, F), sine: f32(T, F) }),
  define: (_, { inverseFrequency }, { scale }) => ({
    cosine: (t, f) => scale * cos(pos(t) * inverseFrequency(f)),
    sine: (t, f) => scale * sin(pos(t) * inverseFrequency(f)),
  }),
});
