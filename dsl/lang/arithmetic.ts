/** Binary functions of the language: division of indices, and the lesser and greater of two numbers of one type. */

/** The names that become binary nodes of the IR, i32 or f32 as their arguments are. */
export const binaryFunctions = ['idiv', 'mod', 'minimum', 'maximum'] as const;

/** idiv(a, b) = floor(a / b) of two indices: rounds toward minus infinity. */
export const idiv = (a: number, b: number): number => Math.floor(a / b);

/** mod(a, b) = a - b * idiv(a, b) of two indices: has the sign of b. */
export const mod = (a: number, b: number): number => a - b * Math.floor(a / b);

/** minimum(a, b) = a < b ? a : b, of two indices or two floats; a NaN is ignored unless both are. */
export const minimum = (a: number, b: number): number => (a < b || Number.isNaN(b) ? a : b);

/** maximum(a, b) = a > b ? a : b, of two indices or two floats; a NaN is ignored unless both are. */
export const maximum = (a: number, b: number): number => (a > b || Number.isNaN(b) ? a : b);
