/** One token of an operator's body changed: `from` occurs in its `define`, and the first occurrence becomes `to`. */
export interface Mutant {
  /** Export of dsl/ops. */
  readonly operator: string;
  readonly from: string;
  readonly to: string;
  /** A name of the language that the operator's file does not import. */
  readonly needs?: string;
  /** Sizes at which it makes a difference; all unless given. */
  readonly where?: (features: Readonly<Record<string, number>>) => boolean;
}

export const mutants: readonly Mutant[] = [
  { operator: 'add', from: '+ residual', to: '- residual' },
  { operator: 'addRmsNorm', from: 'x(t, h) + residual', to: 'x(t, h) - residual' },
  { operator: 'addRmsNorm', from: ' * weight(h)', to: '' },
  { operator: 'applyTemperature', from: '> 0', to: '> 1' },
  { operator: 'applyTemperature', from: '- max(V', to: '+ max(V' },
  { operator: 'countTokens', from: '+ 1', to: '+ 2' },
  { operator: 'countTokens', from: '!== 0', to: '=== 0' },
  { operator: 'denseAttention', from: 't + 1', to: 't' },
  { operator: 'denseAttention', from: 'scale * ', to: '' },
  { operator: 'embedding', from: 'ids(t), h', to: 'ids(t), 0' },
  { operator: 'geluTanhMul', from: 'geluTanh', to: 'silu', needs: 'silu' },
  { operator: 'geluTanhMul', from: 'H + h', to: 'h' },
  { operator: 'headNorm', from: 'square(', to: '(' },
  { operator: 'headNorm', from: ' * weight(d)', to: '' },
  { operator: 'keepTokens', from: 'value: token(r)', to: 'value: 0' },
  { operator: 'knownTokens', from: 'lastTokens(-1 - stepTokens(t))', to: 'lastTokens(0)' },
  { operator: 'linear', from: 'sum(', to: '2 * sum(' },
  { operator: 'linearBias', from: '+ bias(n)', to: '- bias(n)' },
  { operator: 'lmHead', from: 'sum(', to: '0.5 * sum(' },
  { operator: 'logSumExp', from: 'largest + log', to: 'largest - log' },
  { operator: 'logSumExp', from: ' - largest', to: ' + largest' },
  { operator: 'minP', from: '+ log(', to: '- log(' },
  { operator: 'minP', from: '>= threshold', to: '<= threshold' },
  { operator: 'pagedAttention', from: 'pos(t) + 1', to: 'pos(t)' },
  { operator: 'pagedAttention', from: 'kv.v(', to: 'kv.k(' },
  { operator: 'pagedAttention', from: 'scale * ', to: '' },
  {
    operator: 'pagedAttention',
    from: 'idiv(h, HQ / HK)',
    to: 'mod(h, HK)',
    needs: 'mod',
    where: ({ HK = 1 }) => HK > 1,
  },
  { operator: 'penalize', from: 'biased > 0', to: 'biased < 0' },
  { operator: 'penalize', from: '+ logitBias', to: '- logitBias' },
  { operator: 'penalize', from: ' * count', to: '' },
  { operator: 'rmsNorm', from: '* weight(h)', to: '+ weight(h)' },
  { operator: 'rmsNorm', from: 'square(', to: 'abs(', needs: 'abs' },
  { operator: 'rope', from: '- x(t, h, d + F)', to: '+ x(t, h, d + F)' },
  { operator: 'rope', from: '* sine(t, d)', to: '* cosine(t, d)' },
  { operator: 'ropeTable', from: 'cos(', to: 'sin(' },
  { operator: 'ropeTable', from: 'scale * ', to: '' },
  { operator: 'sample', from: '+ gumbel', to: '- gumbel' },
  { operator: 'sample', from: '> 0', to: '< 0' },
  { operator: 'selectRows', from: 'rows(r), h', to: 'rows(r), 0' },
  { operator: 'siluMul', from: 'silu', to: 'geluTanh', needs: 'geluTanh' },
  { operator: 'siluMul', from: ' * x', to: ' + x' },
  { operator: 'splitHeads', from: 'HQ + HK + h', to: 'HQ + h' },
  { operator: 'storeKv', from: '=> v(', to: '=> k(' },
  { operator: 'storeKv', from: '=> k(', to: '=> 2 * k(' },
  { operator: 'tokenLogprob', from: '- normalizer', to: '+ normalizer' },
  { operator: 'topK', from: '>= threshold', to: '> threshold' },
  { operator: 'topLogprobs', from: '- normalizer', to: '+ normalizer' },
  { operator: 'topP', from: '>= threshold', to: '> threshold' },
  { operator: 'topTokens', from: '=> logits', to: '=> -logits' },
  { operator: 'vocabEmbedding', from: '- first', to: '+ first' },
  { operator: 'vocabEmbedding', from: 'row < V', to: 'row < V - 1' },
];
