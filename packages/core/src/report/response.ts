/** An answer to a probe, ready to be written. Nothing in it is made anew for a request. */
export interface HealthResponse {
  readonly status: number;
  /** Header names as HTTP/1.1 spells them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The same headers as `[name, value, name, value, …]`, which `writeHead` takes with less work. */
  readonly rawHeaders: string[];
  /** Text; empty in an answer to HEAD. */
  readonly body: string;
  /**
   * There only while `authorize` has not answered: the answer to write instead, within `authorizeTimeoutMs`. It never
   * rejects. Whoever cannot wait writes this one, which tells what anybody may know.
   */
  readonly authorized?: Promise<HealthResponse>;
}

/** An answer with the headers that every answer has. */
export function response(
  status: number,
  contentType: string,
  body: string,
  extraHeaders: readonly string[] = [],
): HealthResponse {
  const rawHeaders = [
    "Content-Type",
    contentType,
    "Content-Length",
    String(Buffer.byteLength(body)),
    "Cache-Control",
    "no-store",
    "X-Content-Type-Options",
    "nosniff",
    ...extraHeaders,
  ];
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) headers[rawHeaders[i] as string] = rawHeaders[i + 1] as string;
  return Object.freeze({ status, headers: Object.freeze(headers), rawHeaders, body });
}

/** An answer that says in a word what was wrong with the request. */
export function errorResponse(status: number, error: string, extraHeaders: readonly string[] = []): HealthResponse {
  return response(status, "application/json", JSON.stringify({ error }), extraHeaders);
}

/** The same answer for HEAD: its headers tell the length of the body that GET would have. */
export function withoutBody(answer: HealthResponse): HealthResponse {
  return Object.freeze({ ...answer, body: "" });
}
