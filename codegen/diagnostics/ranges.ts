/** Messages about indices that may leave their tensor. */

export const rangeMessages = {
  /** `swapped`: the tensor's shape, where the index runs over another of its axes. */
  'range-high': (
    tensor: string,
    axis: string,
    index: string,
    reaches: string,
    extent: string,
    swapped: string | null,
  ) => ({
    message:
      index === reaches
        ? `${tensor} is read at ${axis} ${index}; the ${axis} extent ${extent} may be no larger`
        : `${tensor} is read at ${axis} ${index}, which reaches ${reaches}; the ${axis} extent is ${extent}`,
    mend:
      swapped !== null
        ? `Give the indices in the order of the shape, which is ${swapped}.`
        : index === reaches
          ? `State it: \`where: ({ ${extent} }) => [${index} < ${extent}]\`; or guard the read with a ternary.`
          : `Keep the index below ${extent}: change it, or guard the read with a ternary.`,
  }),
  'range-low': (tensor: string, axis: string, index: string, reaches: string, extent: string) => ({
    message:
      index === reaches
        ? `${tensor} is read at ${axis} ${index}, and indices begin at 0`
        : `${tensor} is read at ${axis} ${index}, which goes down to ${reaches}`,
    mend:
      index === reaches
        ? `Count from the end as in \`${extent} - ${index.slice(1)}\`.`
        : 'Keep the index at 0 or above: change it, or guard the read with a ternary.',
  }),
  'range-unproved': (tensor: string, axis: string, index: string, extent: string) => ({
    message: `${tensor} is read at ${axis} ${index}, and nothing says that this lies in [0, ${extent})`,
    mend: `State in \`where\` what must hold of the dimensions, or guard the read with a ternary, as in \`i < ${extent} ? … : 0\`.`,
  }),
  'range-undeclared': (tensor: string, axis: string, index: string, source: string, extent: string) => ({
    message: `${tensor} is read at ${axis} ${index}, and ${source} may hold any number`,
    mend: `Declare the contents of ${source}: \`i32(…).in(0, ${extent})\`.`,
  }),
  'range-attr': (tensor: string, axis: string, index: string, attr: string) => ({
    message: `${tensor} is read at ${axis} ${index}, and the attr ${attr} may be any number`,
    mend: 'Guard the read with a ternary, or make the number a dimension.',
  }),
  'division-not-exact': (left: string, right: string) => ({
    message: `${left} / ${right} is a whole number only where ${right} divides ${left}, and nothing says that it does`,
    mend: `State it: \`where: (…) => [${left} % ${right} === 0]\`; or write \`idiv(${left}, ${right})\`, which rounds down.`,
  }),
  'batch-range': (query: string, index: string, of: string) => ({
    message: `${query}(${index}) is asked of something that need not be one of the ${of}`,
    mend: `Give it an index that runs over ${of}.`,
  }),
  'slot-range': (tensor: string, slot: string, extent: string) => ({
    message: `${tensor} is written at ${slot}, which may reach past its extent ${extent}`,
    mend: `Keep the slot below ${extent}; a negative one is skipped.`,
  }),
  'paged-slot': (tensor: string, slot: string) => ({
    message: `${tensor} is written at ${slot}, which is not a slot of the batch`,
    mend: 'Write `slot: slot(t)`, or `condition ? slot(t) : -1` to skip some.',
  }),
  'place-range': (place: string, count: string) => ({
    message: `topN is asked for place ${place}, which need not lie in [0, ${count})`,
    mend: `Ask for a place below ${count}, or take more places.`,
  }),
  'count-range': (count: string, extent: string) => ({
    message: `topN takes ${count} places of ${extent} values, and there may be fewer values`,
    mend: `State it in \`where\`: \`${count} <= ${extent}\`.`,
  }),
  'contents-range': (output: string, value: string, range: string) => ({
    message: `${output} is declared to hold indices in ${range}, and ${value} need not be one`,
    mend: `Declare the contents it has, or store a value that lies in ${range}.`,
  }),
};
