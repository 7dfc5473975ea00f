/** A random program as a graph: its operators called in order, where tensors of one name are one tensor. */
import { declareInput } from '../../codegen/operator-graph.ts';
import { callOperator } from '../../dsl/lang/call.ts';
import { dimensionNames } from '../../dsl/lang/declare.ts';
import type { Graph } from '../../dsl/lang/graph.ts';
import type { SymbolicTensor } from '../../dsl/lang/symbolic.ts';
import { trace } from '../../dsl/lang/trace.ts';
import type { OperatorCase } from '../../verify/operator-library.ts';

/**
 * The results are what no later operator reads, and those of `kept`; states are none. `counts` has for a count that an operator names
 * otherwise the step's own name.
 */
export function programGraph(
  name: string,
  operators: readonly OperatorCase[],
  kept: readonly string[],
  counts: Readonly<Record<string, string>> = {},
): Graph {
  return trace(name, (graph) => {
    const tensors = new Map<string, SymbolicTensor>();
    const results = new Map<string, SymbolicTensor>();
    for (const { operator, features, attrs } of operators) {
      const { spec } = operator;
      const dims = Object.fromEntries(
        dimensionNames(spec.dims).map((dimension) => [
          dimension,
          features[dimension] ?? counts[dimension] ?? dimension,
        ]),
      );
      const sample = Object.fromEntries(Object.keys(dims).map((dimension) => [dimension, 1]));
      const inputs = Object.keys(spec.inputs(sample)).map((input): [string, SymbolicTensor] => {
        const tensor = tensors.get(input) ?? declareInput(graph, name, operator, dims, input);
        tensors.set(input, tensor);
        if (!kept.includes(input)) results.delete(input);
        return [input, tensor];
      });
      const outputs = callOperator(operator, Object.fromEntries(inputs), attrs, { dims });
      for (const [output, declaration] of Object.entries(spec.outputs(sample))) {
        const tensor = outputs[output];
        if (tensor === undefined) throw new Error(`${name} has no ${output}`);
        tensors.set(output, tensor);
        if (declaration.kind === 'dense' && !declaration.state) results.set(output, tensor);
      }
    }
    return Object.fromEntries(results);
  });
}
