/** One request of a test. */
export interface Ask {
  /** Default GET. */
  readonly method?: string;
  readonly url: string;
  /** Beside `Host` and what the body needs. */
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

/** The bytes of a request. */
export function requestBytes({ method = "GET", url, headers = {}, body }: Ask): string {
  const all = { Host: "orders", ...headers, ...(body === undefined ? {} : { "Content-Length": String(body.length) }) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${url} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`;
}
