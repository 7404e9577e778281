import { describe, expect, it } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { Stage } from "./stage.ts";
import { staged } from "./staged.ts";

const probes = ["/livez", "/healthz", "/readyz", "/ready", "/startupz", "/servez", "/groupz/checkout"];

/** Which URLs are probes, and that the answers are core's. */
export function describePaths(adapter: ConformanceAdapter): void {
  describe("the path of a probe", () => {
    const stage = staged(adapter);
    const { plainOnly = false } = adapter;

    it.each(
      probes.flatMap((path) => [
        { method: "GET", url: path },
        { method: "HEAD", url: path },
        { method: "GET", url: `${path}/` },
        { method: "GET", url: `${path}?` },
        { method: "GET", url: `${path}/?a=/b&c=%00#d` },
        { method: "GET", url: `http://orders.example${path}` },
        ...(plainOnly
          ? []
          : [
              { method: "GET", url: `${path}/outbox` },
              { method: "HEAD", url: `${path}/outbox` },
              { method: "GET", url: `${path}/outbox/?a` },
              { method: "GET", url: `${path}/nothing` },
            ]),
      ]),
    )("answers $method $url byte for byte as core does", async (ask) => {
      expect(stage().sent(await stage().ask(ask))).toEqual(stage().told(ask));
    });

    if (plainOnly)
      it("finds no check by itself", async () => {
        for (const url of ["/readyz/outbox", "/readyz/outbox/?a", "/livez/nothing"]) {
          expect(stage().sent(await stage().ask({ url }))).toEqual(stage().notFound());
          expect(stage().sent(await stage().ask({ method: "HEAD", url }))).toEqual(stage().notFound("HEAD"));
        }
      });

    it("has answers of every kind", async () => {
      const status = async (url: string) => (await stage().ask({ url })).status;
      expect(await status("/livez")).toBe(200);
      expect(await status("/readyz")).toBe(503);
      expect(await status("/readyz/outbox")).toBe(plainOnly ? 404 : 200);
      expect(await status("/readyz/nothing")).toBe(404);
      const { headers } = stage().told({ url: "/readyz" });
      expect(headers).toContainEqual([expect.stringMatching(/^retry-after$/i), expect.any(String)]);
    });
  });

  describe("the options of a mount", () => {
    it("put the probes elsewhere, with other codes, in full, with the reason in a header", async () => {
      const { plainOnly = false } = adapter;
      const options = {
        paths: { liveness: ["/alive"], readiness: ["/deep/down/ready", "/READY"], serving: [] },
        prefix: "/internal",
        ...(!plainOnly && { detail: "full" as const }),
        statusCodes: { healthy: 206, degraded: 299, unhealthy: 429 },
        reasonHeader: true,
      } as const;
      await using stage = await Stage.open(adapter, { options });
      for (const path of [
        "/alive",
        "/deep/down/ready",
        "/READY",
        "/startupz",
        ...(plainOnly ? [] : ["/READY/database"]),
      ]) {
        const url = `/internal${path}`;
        expect(stage.sent(await stage.ask({ url }))).toEqual(stage.told({ url }));
      }
      expect(await stage.ask({ url: "/internal/READY" })).toMatchObject({ status: 429 });
      for (const url of ["/livez", "/readyz", "/alive", "/internal/servez", "/internal", "/"])
        expect(await stage.ask({ url })).toMatchObject({ status: 404 });
    });
  });
}
