/**
 * What the ragged batch guarantees. Padding tokens count as tokens of sequence 0 at position -1, so that a position may be -1
 * and a token may lie past the end of its sequence; slots may be negative anywhere.
 */
import type { Expression } from '../../ir/expression.ts';
import { expressionKey } from '../../ir/key.ts';
import { printExpression } from '../../ir/print-expression.ts';
import { polynomialOf, type Symbols } from './cases.ts';
import { add, atom, constant, type Polynomial, subtract } from './polynomial.ts';

type BatchNode = Expression & { kind: 'batch' };

export function batchAtom(symbols: Symbols, node: BatchNode): Polynomial {
  const { atoms, operator } = symbols;
  const made = atoms.get(`batch ${expressionKey(node)}`, printExpression(node), {}, (about) => {
    for (const fact of factsOf(atom(about.id))) atoms.learn(about, fact);
  });
  return atom(made.id);

  function factsOf(value: Polynomial): readonly Polynomial[] {
    const ragged = operator.dimensions.find((dimension) => dimension.raggedOver !== null);
    if (ragged?.raggedOver == null) return [];
    const tokens = atoms.dimension(ragged.name);
    const sequences = atoms.dimension(ragged.raggedOver);
    const one = constant(1);
    const related = (query: BatchNode['query'], of: Expression): Polynomial =>
      batchAtom(symbols, { ...node, query, of });
    switch (node.query) {
      case 'seq':
        return [value, subtract(subtract(sequences, value), one)];
      case 'pos': {
        const sequence: BatchNode = { ...node, query: 'seq' };
        return [add(value, one), subtract(subtract(related('contextLen', sequence), value), one)];
      }
      case 'slot':
        return [];
      case 'seqStart': {
        // A sequence starts no later than any token that belongs to it, and ends within the batch.
        const ends = subtract(subtract(tokens, value), related('seqLen', node.of));
        const owner =
          node.of.kind === 'batch' && node.of.query === 'seq'
            ? [subtract(polynomialOf(symbols, node.of.of), value)]
            : [];
        return [value, ends, ...owner];
      }
      case 'seqLen':
        return [value, subtract(related('contextLen', node.of), value)];
      case 'contextLen': {
        // A sequence holds each of its tokens' positions.
        const owner =
          node.of.kind === 'batch' && node.of.query === 'seq'
            ? [subtract(subtract(value, related('pos', node.of.of)), one)]
            : [];
        return [value, ...owner];
      }
    }
  }
}
