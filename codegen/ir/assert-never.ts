/** The end of an exhaustive switch: reached only if a union grew and a switch did not. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
