/** A tensor while a model is traced: a value of a graph under construction. */
import type { Extent, GraphValue } from './graph.ts';
import type { GraphBuilder } from './trace.ts';

/**
 * What a model's function passes from operator to operator: a value of the graph that is traced, with its element type and
 * shape.
 */
export class SymbolicTensor {
  /** The graph that it belongs to; operators take tensors of one graph. */
  readonly graph: GraphBuilder;
  /** Its element type and shape, and where it comes from. */
  readonly value: GraphValue;

  constructor(graph: GraphBuilder, value: GraphValue) {
    this.graph = graph;
    this.value = value;
  }

  /**
   * The same memory, row-major, under another shape of as many elements; counts stay leading. Nothing is computed.
   *
   * @throws LanguageError `reshape` for a shape of more or fewer elements, and for a paged cache.
   */
  reshape(...shape: readonly Extent[]): SymbolicTensor {
    return this.graph.view(this, shape);
  }
}
