import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Floors, type Growth, steadySlope } from "../../src/resources/floors.ts";

const windowMs = 1_600_000;
const everyMs = 10_000;
const partMs = windowMs / 8;

/** Looks at `count` every ten seconds for `forMs`, and returns everything that was ever seen to grow. */
function watch(count: (now: number) => number, forMs: number, type = "Timeout"): readonly Growth[] {
  const floors = new Floors(windowMs);
  const seen: Growth[] = [];
  for (let now = 0; now <= forMs; now += everyMs) {
    floors.add(now, new Map([[type, Math.max(0, Math.round(count(now)))]]));
    seen.push(...floors.growth());
  }
  return seen;
}

const level = fc.integer({ min: 0, max: 10_000 });
const phase = fc.integer({ min: 0, max: windowMs });

describe("Floors", () => {
  it("sees a leak below load that comes and goes, and how fast it is", () => {
    const leak = fc.double({ min: 1, max: 600, noNaN: true });
    // Teeth shorter than half a part reach their floor in each of them.
    const teeth = fc.record({ period: fc.integer({ min: 2, max: 10 }), height: fc.integer({ min: 0, max: 500 }) });
    fc.assert(
      fc.property(level, leak, teeth, (from, perMinute, { period, height }) => {
        const load = (now: number) => (((now / everyMs) % period) * height) / period;
        const seen = watch((now) => from + (now / 60_000) * perMinute + load(now), 2 * windowMs);
        expect(seen.length).toBeGreaterThan(0);
        for (const growth of seen) {
          expect(growth.type).toBe("Timeout");
          // Counts are whole: a part's floor is off by one at most, and so is each of two.
          expect(Math.abs(growth.perMinute - perMinute)).toBeLessThanOrEqual(0.05 * perMinute + 0.5);
        }
      }),
    );
  });

  it("does not take a saw-tooth for a leak", () => {
    const teeth = fc.record({ period: fc.integer({ min: 2, max: 20 }), height: fc.integer({ min: 1, max: 10_000 }) });
    fc.assert(
      fc.property(level, teeth, phase, (from, { period, height }, shift) => {
        const load = (now: number) => ((Math.floor((now + shift) / everyMs) % period) * height) / period;
        expect(watch((now) => from + load(now), 3 * windowMs)).toEqual([]);
      }),
    );
  });

  it("does not take a step for a leak, nor two or three", () => {
    const steps = fc.array(fc.record({ at: phase, by: level }), { minLength: 1, maxLength: 3 });
    const noise = fc.infiniteStream(fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(level, steps, noise, (from, all, some) => {
        const load = (now: number) => all.filter(({ at }) => now >= at).reduce((sum, { by }) => sum + by, from);
        const seen = watch((now) => load(now) + (some.next().value ?? 0), 3 * windowMs);
        expect(seen).toEqual([]);
      }),
    );
  });

  it("does not take noise for a leak", () => {
    const noise = fc.infiniteStream(fc.integer({ min: 0, max: 1_000 }));
    fc.assert(
      fc.property(level, noise, (from, some) => {
        expect(watch(() => from + (some.next().value ?? 0), 3 * windowMs)).toEqual([]);
      }),
    );
  });

  it("says nothing before a whole window was seen", () => {
    const floors = new Floors(windowMs);
    for (let now = 0; now < windowMs; now += everyMs) floors.add(now, new Map([["Timeout", now / everyMs]]));
    expect(floors.isFull).toBe(false);
    expect(floors.growth()).toEqual([]);
    floors.add(windowMs, new Map([["Timeout", windowMs / everyMs]]));
    expect(floors.isFull).toBe(true);
    expect(floors.growth()).toEqual([{ type: "Timeout", perMinute: 6, count: 140 }]);
  });

  it("forgets a leak that has ended when one part of the window did not rise", () => {
    const stopsAt = 2 * windowMs;
    const count = (now: number) => Math.min(now, stopsAt) / 1_000;
    expect(watch(count, stopsAt)).not.toEqual([]);
    const floors = new Floors(windowMs);
    for (let now = 0; now <= stopsAt + 2 * partMs; now += everyMs) floors.add(now, new Map([["Timeout", count(now)]]));
    expect(floors.growth()).toEqual([]);
  });

  it("begins anew after a time in which nobody looked", () => {
    const floors = new Floors(windowMs);
    const look = (now: number) => floors.add(now, new Map([["Timeout", now / 1_000]]));
    for (let now = 0; now <= windowMs; now += everyMs) look(now);
    expect(floors.isFull).toBe(true);
    const after = windowMs + 2 * partMs;
    look(after);
    expect(floors.growth()).toEqual([]);
    for (let now = after; now < after + windowMs; now += everyMs) look(now);
    expect(floors.isFull).toBe(false);
  });

  it("counts a type that was absent once as having a floor of none", () => {
    const types = ["TCPSocketWrap", "Timeout"];
    const floors = new Floors(windowMs);
    for (let now = 0; now <= 2 * windowMs; now += everyMs) {
      const count = now / 1_000;
      const absent = now % partMs === 0;
      floors.add(now, new Map(types.filter((type) => type !== "Timeout" || !absent).map((type) => [type, count])));
    }
    expect(floors.growth().map(({ type }) => type)).toEqual(["TCPSocketWrap"]);
  });

  it("names what grows fastest first", () => {
    const floors = new Floors(windowMs);
    for (let now = 0; now <= windowMs; now += everyMs)
      floors.add(now, new Map([["Timeout", now / 10_000], ["PipeWrap", now / 5_000], ["TTYWrap", 3]])); // biome-ignore format: pairs
    expect(floors.growth().map(({ type }) => type)).toEqual(["PipeWrap", "Timeout"]);
  });
});

describe("steadySlope", () => {
  it("is the slope of a line", () => {
    const line = fc.record({ from: level, slope: fc.integer({ min: 1, max: 1_000 }) });
    fc.assert(
      fc.property(line, fc.integer({ min: 2, max: 12 }), ({ from, slope }, length) => {
        expect(steadySlope(Array.from({ length }, (_, index) => from + index * slope))).toBe(slope);
      }),
    );
  });

  it("is 0 for a step on top of a drift", () => {
    expect(steadySlope([0, 1, 2, 102, 103, 104, 105, 106])).toBe(0);
    expect(steadySlope([0, 1, 2, 3, 4, 5, 6, 7])).toBe(1);
  });

  it("is 0 where one step is no rise", () => {
    fc.assert(
      fc.property(fc.array(level, { minLength: 2, maxLength: 9 }), (values) => {
        const rises = values.slice(1).every((value, index) => value > values[index]!);
        if (!rises) expect(steadySlope(values)).toBe(0);
        else expect(steadySlope(values)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
