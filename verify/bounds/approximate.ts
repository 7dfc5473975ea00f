/**
 * Numbers with a bound of what computing them in f32 may make of them: running error analysis (Higham, Accuracy and Stability
 * of Numerical Algorithms, 3.3). A value is the oracle's, in f64; its error grows by what each operation may round and by
 * what the errors of its operands become. An error of infinity says that any value may come: behind a comparison that f32 may
 * decide otherwise, or next to a pole.
 */

/** An index has no error, or an infinite one. */
export interface Approximate {
  readonly value: number;
  readonly error: number;
}

/** The most that rounding to f32 changes a number by, as a share of it. */
const UNIT = 2 ** -24;
/** The least positive f32. */
const LEAST = 2 ** -149;
/** Beyond this an f32 may have overflowed on the way. */
const LARGEST = 1e37;
/** Of the functions of templates/cpu/lib/math.h, whose test says so; CUDA's are within the same. In units in the last place. */
const FUNCTION_UNITS = 5;
/** Of sine and cosine, absolute. */
const SINE_ERROR = 2e-7;

export const exactly = (value: number): Approximate => ({ value, error: 0 });
export const anything = (value: number): Approximate => ({ value, error: Number.POSITIVE_INFINITY });
/** A literal or an attribute, which targets hold as an f32. */
export const written = (value: number): Approximate => ({
  value,
  error: Number.isFinite(value) ? Math.abs(value - Math.fround(value)) : 0,
});

export const isExact = ({ error }: Approximate): boolean => error === 0;

/** An arithmetic operation of IEEE: exact where its operands are and an f32 holds the result. */
function operation(value: number, carried: number, areExact: boolean): Approximate {
  if (areExact && Object.is(Math.fround(value), value)) return exactly(value);
  return grown(value, carried + UNIT * Math.abs(value) + LEAST);
}

function grown(value: number, error: number): Approximate {
  if (!(Math.abs(value) + error < LARGEST)) return anything(value);
  return { value, error };
}

export function add(a: Approximate, b: Approximate): Approximate {
  return operation(a.value + b.value, a.error + b.error, isExact(a) && isExact(b));
}

export function subtract(a: Approximate, b: Approximate): Approximate {
  return operation(a.value - b.value, a.error + b.error, isExact(a) && isExact(b));
}

export function multiply(a: Approximate, b: Approximate): Approximate {
  const carried = Math.abs(a.value) * b.error + Math.abs(b.value) * a.error + a.error * b.error;
  return operation(
    a.value * b.value,
    Number.isNaN(carried) ? Number.POSITIVE_INFINITY : carried,
    isExact(a) && isExact(b),
  );
}

export function divide(a: Approximate, b: Approximate): Approximate {
  const value = a.value / b.value;
  const least = Math.abs(b.value) - b.error;
  if (!(least > 0)) return isExact(a) && isExact(b) ? exactly(value) : anything(value);
  return operation(value, (a.error + Math.abs(value) * b.error) / least, isExact(a) && isExact(b));
}

export const negate = ({ value, error }: Approximate): Approximate => ({ value: -value, error });

/** Of a function that takes no two numbers further apart. */
export function lipschitz(value: number, of: readonly Approximate[]): Approximate {
  return { value, error: Math.max(...of.map(({ error }) => error)) };
}

/** An index that becomes a number. */
export function converted({ value, error }: Approximate): Approximate {
  return { value, error: error + Math.abs(value - Math.fround(value)) };
}

export function intrinsic(name: string, value: number, x: Approximate): Approximate {
  const units = FUNCTION_UNITS * UNIT * Math.abs(value) + LEAST;
  const low = x.value - x.error;
  switch (name) {
    case 'abs':
      return { value, error: x.error };
    case 'floor':
      return isExact(x) || Math.floor(low) === Math.floor(x.value + x.error) ? exactly(value) : anything(value);
    case 'exp':
      return grown(value, Math.exp(x.value + x.error) - value + units);
    case 'log':
      return low > 0 ? grown(value, value - Math.log(low) + units) : poleOf(x, value);
    case 'sqrt':
      return low >= 0 ? grown(value, value - Math.sqrt(low) + units) : poleOf(x, value);
    case 'rsqrt':
      return low > 0 ? grown(value, 1 / Math.sqrt(low) - value + units) : poleOf(x, value);
    case 'tanh':
      return grown(value, x.error + units);
    case 'sin':
    case 'cos':
      return Math.abs(x.value) < 2 ** 20 ? grown(value, x.error + SINE_ERROR) : anything(value);
    default:
      throw new Error(`no error bound is known for ${name}`);
  }
}

/** NaN or an infinity, if f32 has the same operand; else it may be anything. */
function poleOf(x: Approximate, value: number): Approximate {
  return isExact(x) ? exactly(value) : anything(value);
}

/** Steps in which sums of f32 are exact in whatever order, while they stay below 2^24 of them. */
const STEPS = 2 ** 12;

/** The sum in any order, and with operations that are joined where a target does so. */
export function total(terms: readonly Approximate[]): Approximate {
  let value = 0;
  let magnitude = 0;
  let carried = 0;
  let isWhole = true;
  for (const term of terms) {
    value += term.value;
    magnitude += Math.abs(term.value);
    carried += term.error;
    isWhole &&= term.error === 0 && Number.isInteger(term.value * STEPS);
  }
  if (isWhole && magnitude * STEPS < 2 ** 24) return exactly(value);
  return grown(value, carried + terms.length * UNIT * magnitude + LEAST);
}

/** Whether a comes behind b for certain: every value that a may have is the lesser, or both are what they are. */
export function isSettled(a: Approximate, b: Approximate): boolean {
  if (isExact(a) && isExact(b)) return true;
  return Math.abs(a.value - b.value) > a.error + b.error;
}
