import type { Random } from "./random.ts";
import { randomRequest } from "./random-request.ts";

const heads = [
  "GET /livez HTTP/9.9\r\nHost: a\r\n\r\n",
  "GET /livez HTTP/1.1\r\n\r\n",
  "GET /livez\r\n\r\n",
  "GET http:///livez HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /\xe4livez HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET livez HTTP/1.1\r\nHost: a\r\n\r\n",
  "TEA /livez HTTP/1.1\r\nHost: a\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "CONNECT orders:443 HTTP/1.1\r\nHost: orders\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /livez HTTP/1.0\r\n\r\n",
  "GET /livez HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
  "GET /livez HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
  "GET /livez HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n",
  "GET /livez HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n",
  "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nmore",
  "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nshort",
  "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n[",
  "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
  "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nhello",
  "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nTEA\r\n",
  "POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello",
  "POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n",
  "POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nhello",
] as const;

/** Bytes after which nobody knows whether, or how, the connection goes on. */
export function brokenRequest(random: Random): string {
  const request = randomRequest(random);
  switch (random.below(6)) {
    case 0:
      return request.slice(0, random.below(request.length));
    case 1:
      return random.bytes(1 + random.below(300));
    case 2:
      return `GET /livez HTTP/1.1\r\nHost: a\r\n${"X-Many: many\r\n".repeat(random.below(4_000))}\r\n`;
    case 3:
      return flipped(random, request);
    default:
      return random.pick(heads);
  }
}

function flipped(random: Random, request: string): string {
  let bytes = request;
  for (let flips = 1 + random.below(4); flips > 0; flips--) {
    const at = random.below(bytes.length);
    bytes = bytes.slice(0, at) + random.bytes(1) + bytes.slice(at + 1);
  }
  return bytes;
}
