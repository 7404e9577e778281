import { describe, expect, it } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { requestBytes } from "./ask.ts";
import { Stage } from "./stage.ts";
import { staged } from "./staged.ts";

/** That probes keep to HTTP/1 on connections of every kind. */
export function describeConnections(adapter: ConformanceAdapter): void {
  describe("a connection", () => {
    const stage = staged(adapter);

    it("answers 20 requests that came in one segment, in their order", async () => {
      using connection = stage().connect();
      const urls = Array.from(
        { length: 20 },
        (_, i) => ["/readyz", "/livez", "/orders", "/startupz?a"][i % 4] as string,
      );
      connection.send(urls.map((url) => requestBytes({ url })).join(""));
      for (const url of urls) {
        const response = await connection.response();
        if (url !== "/orders") expect(stage().sent(response)).toEqual(stage().told({ url }));
        else expect(response.status).toBe(adapter.hasApp ? 200 : 404);
      }
      expect(connection.received).toBe("");
    });

    it("answers HTTP/1.0 and lets go, or keeps to what was asked", async () => {
      using once = stage().connect();
      const response = await once.send("GET /livez HTTP/1.0\r\n\r\n").response();
      expect(stage().sent(response)).toEqual(stage().told({ url: "/livez" }));
      await once.closed;
      using kept = stage().connect();
      for (let i = 0; i < 2; i++) {
        const again = await kept.send("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").response();
        expect(stage().sent(again)).toEqual(stage().told({ url: "/livez" }));
      }
    });

    it("serves 500 probes at once", async () => {
      const responses = await Promise.all(Array.from({ length: 500 }, () => stage().ask({ url: "/readyz" })));
      const one = stage().told({ url: "/readyz" });
      for (const response of responses) expect(stage().sent(response)).toEqual(one);
    });

    it("is served over IPv6", async () => {
      await using v6 = await Stage.open(adapter, { host: "::1" });
      expect(v6.sent(await v6.ask({ url: "/readyz" }))).toEqual(v6.told({ url: "/readyz" }));
    });
  });
}
