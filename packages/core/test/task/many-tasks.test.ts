import { createHealth } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { Tasks } from "../../src/task/tasks.ts";
import { Host } from "./host.ts";

const many = 10_000;

describe("ten thousand tasks at once", () => {
  it("arm one timer, and tell of themselves a few times", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    await health.start();
    const armed = clock.armed;
    let changes = 0;
    health.on("change", () => void changes++);
    const ends: (() => void)[] = [];
    const promises: Promise<void>[] = [];
    for (let i = 0; i < many; i++) {
      const work = () => new Promise<void>((resolve) => void ends.push(resolve));
      promises.push(health.task("resize", { deadlineMs: 60_000 + (i % 100) }, work));
    }
    expect(clock.armed).toBe(armed);
    await clock.advance(60_100);
    expect(health.snapshot().checks["resize"]?.status).toBe("degraded");
    await clock.advance(1_000);
    expect(health.snapshot().checks["resize"]?.message).toMatch(/^10000 of 10000 have run past their deadlines, /);
    await clock.advance(1_000);
    for (const end of ends) end();
    await Promise.all(promises);
    await settle();
    expect(health.snapshot().checks["resize"]?.status).toBe("healthy");
    expect(clock.armed).toBe(armed);
    // Added, healthy, degraded, healthy again.
    expect(changes).toBe(4);
  });

  it("leave nothing behind when they have ended", () => {
    const host = new Host();
    const tasks = new Tasks({ clock: host.clock, errorTypes: host.errorTypes }, host);
    const begun = Array.from({ length: many }, (_, i) =>
      tasks.begin({ deadlineMs: (i * 7_919) % many || Number.POSITIVE_INFINITY, unhealthyAfterMs: 2 * many }),
    );
    host.clock.block(many / 2);
    tasks.wake(host.now());
    expect([tasks.running, tasks.wakeAt]).toEqual([many, many / 2 + 1]);
    for (const task of begun) tasks.fulfilled(task);
    host.clock.block(1_000);
    tasks.wake(host.now());
    expect([tasks.running, tasks.wakeAt]).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(host.answers.map(({ outcome }) => outcome)).toEqual(["pass", "warn", "pass"]);
  });
});
