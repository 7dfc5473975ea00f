/** Colours for a terminal; plain text for a pipe, on a machine that runs tests as anywhere (picocolors itself colours there). */
import pc from 'picocolors';

/** NO_COLOR in the environment turns them off too. */
export function colorsFor(stream: { readonly isTTY?: boolean }): ReturnType<typeof pc.createColors> {
  return pc.createColors(stream.isTTY === true && !process.env.NO_COLOR);
}
