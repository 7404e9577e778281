import { describe, expect, it } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { staged } from "./staged.ts";

const wishes: readonly string[] = [
  "application/json",
  "application/health+json",
  "text/plain",
  "TEXT/PLAIN",
  "*/*",
  "text/*",
  "application/*",
  "text/plain;q=0.5, application/json",
  "text/plain;q=0.9, application/health+json;q=0.1",
  "application/json;q=0, application/health+json;q=0.2, text/plain;q=0.1",
  "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "image/png",
  "*/*;q=0",
  "text/plain;q=2",
  ";;;,,,q=",
  "nonsense",
  "x".repeat(5_000),
  `${"text/html,".repeat(500)}text/plain`,
];

/** That the format of an answer is the one that `Accept` asks for. */
export function describeNegotiation(adapter: ConformanceAdapter): void {
  describe("Accept", () => {
    const stage = staged(adapter);

    it.each(wishes.map((accept) => [accept.length > 80 ? `${accept.slice(0, 80)}…` : accept, accept]))(
      "%s is heard as core hears it",
      async (_shown, accept) => {
        for (const url of ["/readyz", adapter.plainOnly ? "/readyz/" : "/readyz?exclude=database"])
          for (const method of ["GET", "HEAD"]) {
            const ask = { method, url, headers: { Accept: accept } };
            expect(stage().sent(await stage().ask(ask))).toEqual(stage().told(ask));
          }
      },
    );

    it.each([
      ["application/json", "application/json", '{"status":'],
      ["application/health+json", "application/health+json", '{"status":"fail"'],
      ["text/plain", "text/plain; charset=utf-8", "[-]database failed"],
    ])("%s is answered with %s", async (accept, contentType, beginning) => {
      const { headers, body } = await stage().ask({ url: "/readyz", headers: { Accept: accept } });
      expect(headers).toContainEqual([expect.stringMatching(/^content-type$/i), contentType]);
      expect(body.slice(0, beginning.length)).toBe(beginning);
    });

    it("may stand on several lines, and nonsense in other headers does not matter", async () => {
      using connection = stage().connect();
      const odd = "If-None-Match: *\r\nRange: bytes=0-1\r\nAccept-Encoding: gzip, br\r\nConstructor: a\r\n__proto__: b";
      connection.send(`GET /readyz HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nAccept: text/plain\r\n${odd}\r\n\r\n`);
      const one = stage().told({ url: "/readyz", headers: { Accept: "text/html, text/plain" } });
      expect(stage().sent(await connection.response())).toEqual(one);
    });
  });
}
