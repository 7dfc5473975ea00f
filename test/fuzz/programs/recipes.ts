/** What a random program is made of: the forms of its operators' outputs, in the order of their calls. */
import type { Choices } from './choices.ts';
import type { Form } from './outputs.ts';

export interface Recipe {
  /** For each operator the forms of its outputs. */
  readonly stages: readonly (readonly Form[])[];
  readonly needs: { readonly rows: boolean; readonly ragged: boolean };
  /** Whether operators have inputs that their forms do not ask for. */
  readonly drawsInputs: boolean;
  /** Whether many rows are worth their time. */
  readonly isWide: boolean;
}

const needing = (rows: boolean, ragged = false): Recipe['needs'] => ({ rows, ragged });

export function recipeOf(choices: Choices): Recipe {
  const alone = (form: Form, ragged = false): Recipe => ({
    stages: [[form]],
    needs: needing(true, ragged),
    drawsInputs: form !== 'ranking' && form !== 'product',
    isWide: form === 'product',
  });
  const chain = (stages: readonly (readonly Form[])[], ragged = false): Recipe => ({
    stages,
    needs: needing(true, ragged),
    drawsInputs: true,
    isWide: false,
  });
  const map = (): Form => choices.pick(['map', 'map', 'plain']);
  return choices.oneOf(
    [
      62,
      () => ({
        stages: [
          Array.from({ length: choices.oneOf([20, () => 1], [2, () => 2], [1, () => 3]) }, () => 'map' as const),
        ],
        needs: needing(false),
        drawsInputs: true,
        isWide: false,
      }),
    ],
    [2, () => alone('scatter')],
    [2, () => chain([['map', 'scatter']])],
    [2, () => alone('store', true)],
    [3, () => alone('attend')],
    [4, () => alone('cached attend', true)],
    [5, () => alone('product')],
    [3, () => alone('ranking')],
    [5, () => chain([['plain'], ['plain']])],
    [4, () => chain([[map()], [map()], [map()]])],
    [1, () => chain([['map', 'map'], [map()], ['map'], [map()]])],
    [2, () => chain([['store'], ['cached attend']], true)],
    [1, () => chain([['store'], ['map']], true)],
    [1, () => chain([[map()], ['store'], ['cached attend'], [map()]], true)],
    [1, () => chain([['scatter'], ['map']])],
    [1, () => chain([['attend'], ['map']])],
    [1, () => chain([['ranking'], ['map']])],
    [1, () => chain([[map()], ['ranking']])],
    [2, () => ({ ...chain([['product'], [map()], ['product']]), drawsInputs: false, isWide: true })],
    [1, () => ({ ...chain([[map()], ['product']]), isWide: true })],
    [2, () => ({ ...chain([['scores'], ['softmax'], ['weighted']]), drawsInputs: false })],
  );
}
