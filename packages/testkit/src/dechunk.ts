/** A chunked body with the length that it had on the wire; undefined as long as it is not complete. */
export function dechunk(bytes: string): { readonly body: string; readonly length: number } | undefined {
  let body = "";
  let at = 0;
  for (;;) {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const size = Number.parseInt(bytes.slice(at, end), 16);
    const from = end + 2;
    at = from + size + 2;
    if (bytes.length < at) return undefined;
    if (size === 0) return { body, length: at };
    body += bytes.slice(from, from + size);
  }
}
