import { METHODS } from "node:http";
import { describe, expect, it } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { staged } from "./staged.ts";

/** CONNECT is no request to Node: it closes the connection where nobody proxies. */
const others = METHODS.filter((method) => !["GET", "HEAD", "CONNECT"].includes(method));
/** Which `Request` cannot be made with. */
const notInFetch: ReadonlySet<string> = new Set(["TRACE"]);

/** That a probe answers GET and HEAD, and says so to everything else. */
export function describeMethods(adapter: ConformanceAdapter): void {
  describe("the method of a probe", () => {
    const stage = staged(adapter);
    const methods = others.filter((method) => !(adapter.throughFetch && notInFetch.has(method)));

    it.each(methods)("is not %s", async (method) => {
      for (const url of ["/readyz", "/livez/", "/livez?a", "/readyz/outbox"]) {
        const response = await stage().ask({ method, url });
        expect(stage().sent(response)).toEqual(stage().told({ method, url }));
        expect(response.status).toBe(405);
      }
    });

    it("is told with 405", async () => {
      const { headers } = await stage().ask({ method: "POST", url: "/readyz" });
      const allow = headers.find(([name]) => name.toLowerCase() === "allow");
      expect(allow?.[1]).toBe("GET, HEAD");
    });

    it("is refused before a body is parsed, whatever the body claims to be", async () => {
      const bodies = [
        ["application/json", "{ not JSON"],
        ["application/json", `"${"x".repeat(300_000)}"`],
        ["multipart/form-data; boundary=none", "no boundary"],
        ["application/x-www-form-urlencoded", "%"],
        ["no type", "?"],
      ] as const;
      for (const [type, body] of bodies) {
        const ask = { method: "POST", url: "/readyz", headers: { "Content-Type": type }, body };
        expect(stage().sent(await stage().ask(ask))).toEqual(stage().told(ask));
      }
    });

    it("has no body in an answer to HEAD, so that the next answer begins where it should", async () => {
      using connection = stage().connect();
      for (let i = 0; i < 20; i++) {
        const toHead = i % 2 === 1;
        const ask = { method: toHead ? "HEAD" : "GET", url: "/readyz" };
        const response = await connection
          .send(`${ask.method} /readyz HTTP/1.1\r\nHost: a\r\n\r\n`)
          .response({ toHead });
        expect(stage().sent(response)).toEqual(stage().told(ask));
      }
      expect(connection.received).toBe("");
    });
  });
}
