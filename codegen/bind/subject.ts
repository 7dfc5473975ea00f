/** What typed bindings say of a program: its tensors and counts, the formulas it computes, and what a batch gives it. */
import type { Extent, Graph } from '../../dsl/lang/graph.ts';
import type { Operator } from '../../dsl/lang/operator.ts';
import type { OperatorIr } from '../ir/operator.ts';
import { printDefinition } from '../ir/print-operator.ts';
import type { ManifestProgram } from '../manifest.ts';

export interface BindingSubject {
  readonly program: ManifestProgram;
  /** The definitions of its operators, as `--emit read` prints them. */
  readonly formulas: readonly string[];
  /** The counts of a ragged batch's tokens and sequences, null where such an extent is a constant; null for dense programs. */
  readonly ragged: { readonly tokens: string | null; readonly sequences: string | null } | null;
}

export function bindingSubject(
  graph: Graph,
  program: ManifestProgram,
  operators: ReadonlyMap<Operator, OperatorIr>,
): BindingSubject {
  const formulas: string[] = [];
  const printed = new Set<OperatorIr>();
  let ragged: BindingSubject['ragged'] = null;
  for (const call of graph.calls) {
    const operator = operators.get(call.operator);
    if (!operator) throw new Error(`the operator of call ${call.id} was not read`);
    if (!printed.has(operator)) formulas.push(...operator.definitions.flatMap(printDefinition));
    printed.add(operator);
    const tokens = operator.dimensions.find((dimension) => dimension.raggedOver !== null);
    if (tokens?.raggedOver)
      ragged ??= { tokens: count(call.dims[tokens.name]), sequences: count(call.dims[tokens.raggedOver]) };
  }
  return { program, formulas: formulas.map((line) => line.replace(/^ {2}/, '')), ragged };
}

function count(extent: Extent | undefined): string | null {
  return typeof extent === 'string' ? extent : null;
}
