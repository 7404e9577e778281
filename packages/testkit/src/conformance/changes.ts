import { createHealth, gate } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it, vi } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { requestBytes } from "./ask.ts";
import { Stage } from "./stage.ts";

/** That what changed is seen by the next probe, also on a connection that is kept. */
export function describeChanges(adapter: ConformanceAdapter): void {
  describe("a change between two probes of one connection", () => {
    it("is seen by the second, from the start to the end of the process", async () => {
      // On a clock that stands still, or an answer might be written between the two that are compared.
      const health = createHealth({ clock: new FakeClock(), checks: { maintenance: gate() } });
      await using stage = await Stage.open(adapter, { health });
      using connection = stage.connect();
      const statuses = async () => {
        const seen: number[] = [];
        for (const url of ["/startupz", "/readyz", "/servez", "/livez"]) {
          const response = await connection.send(requestBytes({ url })).response();
          expect(stage.sent(response)).toEqual(stage.told({ url }));
          seen.push(response.status);
        }
        return seen;
      };
      // Another thread hears of what changes in a storm of changes, or on a busy machine, a moment later.
      const expectStatuses = async (wanted: readonly number[]) => {
        const check = async () => expect(await statuses()).toEqual(wanted);
        await (adapter.plainOnly ? vi.waitFor(check) : check());
      };
      await expectStatuses([503, 503, 503, 200]);
      await health.start();
      await expectStatuses([200, 200, 200, 200]);
      health.checks.maintenance.close();
      await expectStatuses([200, 503, 503, 200]);
      health.checks.maintenance.open();
      await expectStatuses([200, 200, 200, 200]);
      await health.drain({ delayMs: 0 });
      await expectStatuses([200, 503, 503, 200]);
      health.fatal("out of tea");
      await expectStatuses([200, 503, 503, 503]);
      await health.stop();
      expect((await connection.send(requestBytes({ url: "/livez" })).response()).status).toBe(503);
    });
  });
}
