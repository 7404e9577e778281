import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { RawResponse } from "../raw-connection.ts";
import type { ConformanceAdapter } from "./adapter.ts";
import { requestBytes } from "./ask.ts";
import { staged } from "./staged.ts";

/** Near a probe, and none: latin1, one character a byte. */
const urls: readonly string[] = [
  "/",
  "//readyz",
  "///livez",
  "/%2e%2e/readyz",
  "/../readyz",
  "/./readyz",
  "/x/../readyz",
  "/readyz/../livez",
  "/readyz%00",
  "/readyz%2f",
  "/readyz%2F..",
  "/readyz%3Fverbose",
  "/readyz%0d%0aX-Evil:%201",
  "/%72eadyz",
  "/READYZ",
  "/readyz//",
  "/readyz;a=b",
  "/readyz.json",
  "/readyz/outbox/deep",
  "/\\readyz",
  "\\readyz",
  "/readyz\\",
  "/readyz/%E0%A4%A",
  "/%",
  "/%ff",
  "/r\xc3\xa9adyz",
  "/readyz\xa0",
  "/\xff\xfe",
  "/__proto__",
  "/readyz/__proto__",
  "/constructor",
  "/toString",
  "/hasOwnProperty",
  "http://readyz",
  "http://orders.example",
  "http://orders.example//readyz",
  "file:///etc/passwd",
  "?/readyz",
  "readyz",
  `/${"x".repeat(7_000)}`,
  `/readyz/${"x".repeat(7_000)}`,
  "/a".repeat(3_000),
  `/${"%2e%2e/".repeat(900)}readyz`,
];

/** That what only looks like a probe goes to the application, and is nobody's crash. */
export function describeHostileUrls(adapter: ConformanceAdapter): void {
  describe("a URL that is no probe's", () => {
    const stage = staged(adapter);
    const isAnswer = (response: RawResponse, method: string) => {
      const answers = ["/readyz", "/livez", "/readyz/outbox"].map((url) => stage().told({ method, url }));
      return answers.some((answer) => isDeepStrictEqual(answer, stage().sent(response)));
    };

    it.each(urls.flatMap((url) => ["GET", "HEAD", "POST"].map((method) => [method, shown(url), url] as const)))(
      "%s %s is left to the application",
      async (method, _shown, url) => {
        using connection = stage().connect();
        const response = await connection.send(requestBytes({ method, url })).response({ toHead: method === "HEAD" });
        expect(response.headers.map(([name]) => name.toLowerCase())).not.toContain("x-evil");
        // Of some of them a `Request` makes the URL of a probe.
        if (adapter.throughFetch && isAnswer(response, method)) return;
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
        expect(isAnswer(response, method)).toBe(false);
      },
    );

    it.each(["OPTIONS *", "OPTIONS /orders", "GET *"])("%s gets no answer of a probe's", async (line) => {
      using connection = stage().connect();
      const response = await connection.send(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`).response();
      expect(response.status).toBeLessThan(500);
      expect(isAnswer(response, "OPTIONS")).toBe(false);
    });

    it.each([
      "GET /readyz\rX-Evil:1 HTTP/1.1",
      "GET /readyz\nHTTP/1.1",
      "GET /readyz\0 HTTP/1.1",
      "GET /readyz\t HTTP/1.1",
      "GET /ready z HTTP/1.1",
    ])("%j is no request, and the next one is served", async (line) => {
      using connection = stage().connect();
      const response = await connection.send(`${line}\r\nHost: a\r\n\r\n`).response();
      expect(response.status).toBe(400);
      expect(response.headers.map(([name]) => name.toLowerCase())).not.toContain("x-evil");
      await connection.closed;
      expect(stage().sent(await stage().ask({ url: "/readyz" }))).toEqual(stage().told({ url: "/readyz" }));
    });
  });
}

function shown(url: string): string {
  return JSON.stringify(url.length > 60 ? `${url.slice(0, 60)}…` : url);
}
