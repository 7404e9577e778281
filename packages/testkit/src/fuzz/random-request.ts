import { METHODS } from "node:http";
import type { Random } from "./random.ts";
import { randomUrl } from "./random-url.ts";

/** CONNECT is another protocol's beginning. */
const methods = METHODS.filter((method) => method !== "CONNECT") as [string, ...string[]];

const accepts = ["*/*", "text/plain", "application/health+json", "text/html,*/*;q=0.1", ";q=,,", "a/b;q=9"] as const;
const types = [
  "application/json",
  "text/plain",
  "multipart/form-data; boundary=a",
  "application/x-www-form-urlencoded",
  "tea",
] as const;
const jsons = ['{"tea":["green"]}', "[]", "{", '{"__proto__":{"a":1}}', "null", `[${"[".repeat(500)}`, ""] as const;
const odd = [
  "Range: bytes=0-1",
  "If-None-Match: *",
  "Accept-Encoding: gzip, br",
  "Cookie: a=b; __proto__=c",
  "X-Forwarded-For: ::1, evil",
  "X-HTTP-Method-Override: GET",
  "Authorization: Bearer \xff\xfe",
  "Host: other",
  "__proto__: a",
  "constructor: b",
  "Connection: keep-alive, X",
] as const;

/** A request that keeps to HTTP/1.1, so that the connection goes on after it. */
export function randomRequest(random: Random): string {
  const method = random.chance(0.6) ? "GET" : random.chance(0.3) ? "HEAD" : random.pick(methods);
  const body = random.chance(0.1) ? randomBody(random) : "\r\n";
  return `${method} ${randomUrl(random)} HTTP/1.1\r\nHost: orders\r\n${randomHeaders(random)}${body}`;
}

function randomHeaders(random: Random): string {
  let headers = random.chance(0.5) ? `Accept: ${random.pick(accepts)}\r\n` : "";
  for (let more = random.below(4); more > 0; more--) {
    if (random.chance(0.5)) headers += `${random.pick(odd)}\r\n`;
    else headers += `X-${random.bytes(3, 0x61, 0x7b)}: ${random.bytes(random.below(60), 0x21, 0x7f)}\r\n`;
  }
  if (random.chance(0.01)) headers += "a: b\r\n".repeat(random.below(500));
  return headers;
}

/** The end of the headers and what follows. */
function randomBody(random: Random): string {
  const body = random.chance(0.5) ? random.pick(jsons) : random.bytes(random.below(500));
  const type = random.chance(0.5) ? `Content-Type: ${random.pick(types)}\r\n` : "";
  const expect = random.chance(0.05) ? "Expect: 100-continue\r\n" : "";
  if (random.chance(0.5)) return `${type}${expect}Content-Length: ${body.length}\r\n\r\n${body}`;
  const chunk = body === "" ? "" : `${body.length.toString(16)}\r\n${body}\r\n`;
  return `${type}${expect}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`;
}
