/** What is used of a response's body. */
type Body = ReadableStream<Uint8Array> | null;

/**
 * The text of a body, cut after `limit` bytes. Read even by those who do not want it: a connection whose response was
 * not read to its end is not used again.
 */
export async function readBody(body: Body, limit: number): Promise<{ readonly text: string; readonly whole: boolean }> {
  if (body === null) return { text: "", whole: true };
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  // Ending the loop early cancels the rest.
  for await (const chunk of body) {
    const rest = limit - length;
    length += chunk.byteLength;
    if (length > limit) return { text: text + decoder.decode(chunk.subarray(0, rest)), whole: false };
    text += decoder.decode(chunk, { stream: true });
  }
  return { text: text + decoder.decode(), whole: true };
}
