import { describe, expect, it } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { requestBytes } from "./ask.ts";
import { staged } from "./staged.ts";

/** That the body of a request to a probe, which nobody reads, is not taken for the next request. */
export function describeBodies(adapter: ConformanceAdapter): void {
  describe("a request with a body", () => {
    const stage = staged(adapter);
    const next = { url: "/readyz" };

    it.each(["GET", "HEAD", "POST", "DELETE"])("of %s is followed by the next one", async (method) => {
      using connection = stage().connect();
      const toHead = method === "HEAD";
      for (const body of ["", "hello", "GET /startupz HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2_000)]) {
        const ask = { method, url: "/livez", body };
        const response = await connection.send(requestBytes(ask)).response({ toHead });
        expect(stage().sent(response)).toEqual(stage().told(ask));
        expect(stage().sent(await connection.send(requestBytes(next)).response())).toEqual(stage().told(next));
      }
    });

    it("may come in chunks, with the next one right behind it", async () => {
      using connection = stage().connect();
      const chunked = "Host: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nTrailer: a\r\n\r\n";
      connection.send(`POST /readyz HTTP/1.1\r\n${chunked}GET /livez HTTP/1.1\r\n${chunked}${requestBytes(next)}`);
      for (const ask of [{ method: "POST", url: "/readyz" }, { url: "/livez" }, next])
        expect(stage().sent(await connection.response())).toEqual(stage().told(ask));
    });

    it("may come later than its answer", async () => {
      using connection = stage().connect();
      connection.send("POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
      expect(stage().sent(await connection.response())).toEqual(stage().told({ method: "POST", url: "/livez" }));
      connection.send(`hello${requestBytes(next)}`);
      expect(stage().sent(await connection.response())).toEqual(stage().told(next));
    });

    it("may wait for a 100 before it sends it", async () => {
      using connection = stage().connect();
      connection.send("POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
      const first = await connection.response();
      const answer = first.status === 100 ? await connection.response() : first;
      expect(stage().sent(answer)).toEqual(stage().told({ method: "POST", url: "/livez" }));
      connection.send(`hello${requestBytes(next)}`);
      expect(stage().sent(await connection.response())).toEqual(stage().told(next));
    });

    it("may offer to speak another protocol, which is not taken up", async () => {
      const offers = [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGVhIGlzIGdyZWVuIQ==",
      ];
      for (const offer of offers) {
        using connection = stage().connect();
        connection.send(`GET /livez HTTP/1.1\r\nHost: a\r\n${offer}\r\n\r\n`);
        expect(stage().sent(await connection.response())).toEqual(stage().told({ url: "/livez" }));
      }
    });
  });
}
