/** A tensor while a model is traced: a value of a graph under construction. */
import type { Extent, GraphValue } from './graph.ts';
import type { GraphBuilder } from './trace.ts';

/**
 * What a model's function passes from operator to operator: a value of the graph that is traced, with its element type and
 * shape.
 */
export class SymbolicTensor {
  readonly graph: GraphBuilder;
  readonly value: GraphValue;

  constructor(graph: GraphBuilder, value: GraphValue) {
    this.graph = graph;
    this.value = value;
  }

  /** The same memory, row-major, under another shape of as many elements; counts stay leading. Nothing is computed. */
  reshape(...shape: readonly Extent[]): SymbolicTensor {
    return this.graph.view(this, shape);
  }
}
