import { PerformanceObserver } from "node:perf_hooks";
import { createHealth } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { gcTime } from "@otel-health/watchdog";
import { describe, expect, it, vi } from "vitest";
import { Sampling } from "../../src/resources/sampling.ts";

function make() {
  const events: string[] = [];
  const sampling = new Sampling(() => {
    events.push("begin");
    return { stop: () => void events.push("stop") };
  });
  return { events, sampling, clock: new FakeClock() };
}

describe("Sampling", () => {
  it("begins with the first run, and ends with the check", () => {
    const { events, sampling, clock } = make();
    const detach = sampling.attach(() => {});
    expect(events).toEqual([]);
    expect(sampling.of(clock)).toBe(sampling.of(clock));
    detach();
    expect(events).toEqual(["begin", "stop"]);
  });

  it("ends with the last of the checks that look at it, and can begin again", () => {
    const { events, sampling, clock } = make();
    const [first, second] = [sampling.attach(() => {}), sampling.attach(() => {})];
    sampling.of(clock);
    first();
    expect(events).toEqual(["begin"]);
    second();
    const third = sampling.attach(() => {});
    sampling.of(clock);
    third();
    expect(events).toEqual(["begin", "stop", "begin", "stop"]);
  });

  it("ends nothing where no run began it", () => {
    const { events, sampling } = make();
    sampling.attach(() => {})();
    expect(events).toEqual([]);
  });
});

describe("gcTime", () => {
  it("observes garbage collections from its first run until the health object is stopped", async () => {
    const observe = vi.spyOn(PerformanceObserver.prototype, "observe");
    const disconnect = vi.spyOn(PerformanceObserver.prototype, "disconnect");
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { gc: gcTime() } });
    expect(observe).not.toHaveBeenCalled();
    await health.start();
    await clock.advance(30_000);
    expect(observe).toHaveBeenCalledTimes(1);
    expect(disconnect).not.toHaveBeenCalled();
    await health.stop();
    expect(disconnect).toHaveBeenCalledTimes(1);
  });
});
