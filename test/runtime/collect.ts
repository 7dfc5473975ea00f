/** All chunks of a stream. */
import type { StreamChunk } from '../../runtime/request.ts';

export async function collect(chunks: AsyncIterable<StreamChunk>): Promise<StreamChunk[]> {
  const list: StreamChunk[] = [];
  for await (const chunk of chunks) list.push(chunk);
  return list;
}
