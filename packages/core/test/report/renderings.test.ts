import { createHealth, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { Renderings } from "../../src/report/renderings.ts";
import { Agenda } from "../../src/schedule/agenda.ts";
import { Timeline } from "../../src/schedule/timeline.ts";

/** Renderings of a health object whose snapshots take `costMs` to make, and how often they were made. */
function costly(costMs: number) {
  const clock = new FakeClock();
  const health = createHealth({ clock, checks: { feed: push() } });
  const timeline = new Timeline(clock);
  const agenda = new Agenda(clock, timeline, () => {});
  let made = 0;
  const renderings = new Renderings(
    agenda,
    () => timeline.now(),
    () => {
      made++;
      clock.block(costMs);
      return health.snapshot();
    },
  );
  renderings.of("readiness", "summary");
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
