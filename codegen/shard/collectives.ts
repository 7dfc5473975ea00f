/**
 * The collectives of a graph that was traced for one rank of several. Weight slices are already those of the rank: they are
 * derived in dsl/models/sharding.ts, the one place that knows how a linear layer is cut. At tensor parallel size 1 a graph
 * asks for no collective and leaves as it came.
 *
 * Needs: a traced graph. Leaves: a graph whose collectives the target can run; the others are refused, since without them
 * each rank would go on with a partial sum.
 */
import type { Graph } from '../../dsl/lang/graph.ts';
import type { Operator } from '../../dsl/lang/operator.ts';
import type { Diagnostic, PassResult } from '../ir/diagnostic.ts';
import type { OperatorIr } from '../ir/operator.ts';

export function placeCollectives(graph: Graph, operators: ReadonlyMap<Operator, OperatorIr>): PassResult<Graph> {
  const diagnostics = graph.calls.flatMap((call): readonly Diagnostic[] => {
    const operator = operators.get(call.operator);
    if (call.collective === 'none' || !operator) return [];
    return [
      {
        code: 'collective-not-lowered',
        message: `${call.label ? `${call.label}: ` : ''}${operator.name} ends in ${call.collective === 'allReduce' ? 'an all-reduce' : 'an all-gather'} over the ranks, which no target runs`,
        mend: 'Trace the model for tensor parallel size 1; the shards of several ranks run in the oracle, by evaluateRanks.',
        span: operator.span,
      },
    ];
  });
  return { ir: graph, diagnostics };
}
