import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { Renderings } from "../../src/report/renderings.ts";
import { response } from "../../src/report/response.ts";
import { Agenda } from "../../src/schedule/agenda.ts";
import { Timeline } from "../../src/schedule/timeline.ts";

/** Renderings of a health object that take `costMs` to write, and how often they were written. */
function costly(costMs: number) {
  const clock = new FakeClock();
  const timeline = new Timeline(clock);
  const agenda = new Agenda(clock, timeline, () => {});
  let made = 0;
  const renderings = new Renderings(
    agenda,
    () => timeline.now(),
    () => {
      made++;
      clock.block(costMs);
      return response(200, "text/plain", "well");
    },
  );
  renderings.of({
    probe: "readiness",
    detail: "summary",
    format: "json",
    statusCodes: { healthy: 200, degraded: 200, unhealthy: 503 },
    reasonHeader: false,
  });
  return {
    /** How often it is rendered in a second in which something changes every 10 ms. */
    async perSecond(): Promise<number> {
      const before = made;
      const end = clock.now() + 1_000;
      while (clock.now() < end) {
        renderings.changed(timeline.now());
        await clock.advance(10);
      }
      return made - before;
    },
  };
}

describe("Renderings", () => {
  it("renders changes at most every 100 ms where that costs nothing", async () => {
    const renderings = costly(0);
    await renderings.perSecond();
    expect(await renderings.perSecond()).toBe(10);
  });

  it("rests for fifty times as long as it took", async () => {
    const renderings = costly(8);
    await renderings.perSecond();
    // 8 ms of work, then 400 ms of rest.
    expect(await renderings.perSecond()).toBe(3);
  });

  it("rests for no more than a second, however long it took", async () => {
    const renderings = costly(200);
    await renderings.perSecond();
    expect((await renderings.perSecond()) + (await renderings.perSecond())).toBe(2);
  });
});
