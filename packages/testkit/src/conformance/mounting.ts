import { createHealth } from "@otel-health/core";
import { describe, expect, it } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { Stage } from "./stage.ts";

/** Where in an application probes can be. */
export function describeMounting(adapter: ConformanceAdapter): void {
  describe("endpoints in an application", () => {
    it.each(["probes", "routes"] as const)("are reached where the %s are put in first", async (first) => {
      await using stage = await Stage.open(adapter, { first });
      expect(stage.sent(await stage.ask({ url: "/readyz" }))).toEqual(stage.told({ url: "/readyz" }));
      expect(await stage.ask({ url: "/orders" })).toMatchObject(
        adapter.hasApp ? { status: 200, body: '["tea"]' } : { status: 404 },
      );
      expect(await stage.ask({ url: "/teapots" })).toMatchObject({ status: 404 });
    });

    if (adapter.hasApp)
      it("of two health objects are told apart by their prefixes", async () => {
        await using other = createHealth();
        await using stage = await Stage.open(adapter, {
          options: { prefix: "/one" },
          others: [{ health: other, options: { prefix: "/other" } }],
        });
        expect(await stage.ask({ url: "/one/startupz" })).toMatchObject({ status: 200 });
        expect(await stage.ask({ url: "/other/startupz" })).toMatchObject({ status: 503 });
        expect(await stage.ask({ url: "/startupz" })).toMatchObject({ status: 404 });
      });

    if (adapter.nests)
      it.each(["/internal", "/deep/down"])("are found below %s, and only there", async (under) => {
        await using other = createHealth();
        await using stage = await Stage.open(adapter, {
          under,
          others: [{ health: other, options: { prefix: "/other" } }],
        });
        for (const url of ["/readyz", "/livez/?a=b", "/readyz/outbox", "/readyz/nothing", "/startupz?verbose"])
          expect(stage.sent(await stage.ask({ url: under + url }))).toEqual(stage.told({ url }));
        expect(await stage.ask({ method: "POST", url: `${under}/readyz` })).toMatchObject({ status: 405 });
        expect(await stage.ask({ url: "/other/startupz" })).toMatchObject({ status: 503 });
        for (const url of ["/readyz", under, `${under}/orders`, `${under}${under}/readyz`])
          expect(await stage.ask({ url })).toMatchObject({ status: 404 });
      });

    if (adapter.nests)
      it("have the prefix of their options below that of the framework", async () => {
        await using stage = await Stage.open(adapter, { under: "/internal", options: { prefix: "/probes" } });
        expect(stage.sent(await stage.ask({ url: "/internal/probes/readyz" }))).toEqual(
          stage.told({ url: "/probes/readyz" }),
        );
        for (const url of ["/probes/readyz", "/internal/readyz", "/probes/internal/readyz"])
          expect(await stage.ask({ url })).toMatchObject({ status: 404 });
      });
  });
}
