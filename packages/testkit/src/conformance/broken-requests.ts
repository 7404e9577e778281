import { describe, expect, it } from "vitest";
import type { RawConnection, RawResponse } from "../raw-connection.ts";
import type { ConformanceAdapter } from "./adapter.ts";
import { requestBytes } from "./ask.ts";
import { staged } from "./staged.ts";

const head = "GET /livez HTTP/1.1\r\nHost: a\r\n";

/** What is refused, by whoever reads it first. */
const broken: readonly (readonly [what: string, bytes: string])[] = [
  ["a request line that is none", "HELLO\r\n\r\n"],
  ["bytes of another protocol", "\x16\x03\x01\x02\x00\x01\x00"],
  ["nothing but NULs", "\0".repeat(1_000)],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["HTTP/1.1 without a host", "GET /livez HTTP/1.1\r\n\r\n"],
  ["a version that is none", "GET /livez HTTP/9.9\r\nHost: a\r\n\r\n"],
  ["a method that is none", "TEA /livez HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["two lengths", `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
  ["a length that is none", `${head}Content-Length: -1\r\n\r\n`],
  ["a length and chunks", `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["a NUL in a header", `${head}X: a\0b\r\n\r\n`],
  ["a header without a name", `${head}: a\r\n\r\n`],
  ["a header with a space in its name", `${head}X : a\r\n\r\n`],
  ["a header of 64 KiB", `${head}X: ${"x".repeat(65_536)}\r\n\r\n`],
  ["1 MB of headers", `${head}${`X-Header: ${"x".repeat(990)}\r\n`.repeat(1_000)}\r\n`],
  ["a header that goes on for 1 MB", `${head}X: ${"x".repeat(1_000_000)}`],
  ["a URL of 64 KiB", `GET /livez?${"x".repeat(65_536)} HTTP/1.1\r\nHost: a\r\n\r\n`],
];

/** What a client may leave half done. */
const halves: readonly string[] = [
  "",
  "GET /liv",
  "GET /livez HTTP/1.1\r\nHos",
  "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhal",
  "POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
  "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
];

/** That whoever breaks the protocol is let go of, and nobody else notices. */
export function describeBrokenRequests(adapter: ConformanceAdapter): void {
  describe("a client that breaks the protocol", () => {
    const stage = staged(adapter);
    const expectServed = async () =>
      expect(stage().sent(await stage().ask({ url: "/livez" }))).toEqual(stage().told({ url: "/livez" }));

    it.each(broken)("by %s is let go of", async (_what, bytes) => {
      using connection = stage().connect();
      const response = await lastWord(connection.send(bytes));
      expect(response?.status ?? 400).toBeGreaterThanOrEqual(400);
      expect(response?.status ?? 400).toBeLessThan(500);
      await connection.closed;
      await expectServed();
    });

    it.each(["chunked", "tea", "chunked, chunked", "gzip, chunked"])(
      "by a body encoded as %s that is not gets its answer to the head at most, and is let go of",
      async (encoding) => {
        using connection = stage().connect();
        connection.send(`POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ${encoding}\r\n\r\nTEA\r\nhello`);
        expect((await lastWord(connection))?.status ?? 400).toBeOneOf([400, 405]);
        await connection.closed;
        await expectServed();
      },
    );

    it.each(halves)("by going away after %j is not waited for", async (half) => {
      using gone = stage().connect();
      await gone.connected();
      gone.send(half).abort();
      await gone.closed;
      await expectServed();
    });

    it("by going away before 1 000 answers are written is not waited for", async () => {
      using gone = stage().connect();
      await gone.connected();
      gone.send(requestBytes({ url: "/readyz" }).repeat(1_000));
      await gone.response();
      gone.abort();
      await gone.closed;
      await expectServed();
    });
  });
}

/** The response, or undefined where the connection ended without one. */
async function lastWord(connection: RawConnection): Promise<RawResponse | undefined> {
  try {
    return await connection.response();
  } catch {
    return undefined;
  }
}
