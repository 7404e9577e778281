import { createHealth, type FunctionCheck } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import {
  gcTime,
  handleGrowth,
  heapUsed,
  type LoopSampler,
  loopDelay,
  loopUtilization,
  memoryUsed,
  openFiles,
  resources,
  threadPool,
} from "@otel-health/watchdog";
import { describe, expect, expectTypeOf, it } from "vitest";

const checks: { readonly [name: string]: (options?: never) => FunctionCheck } = {
  gcTime,
  handleGrowth,
  heapUsed,
  loopDelay,
  loopUtilization,
  memoryUsed,
  openFiles,
  threadPool,
};

/** Whether the check is critical unless its user says otherwise: a decision that must not change by accident. */
const critical = ["heapUsed", "openFiles"];

describe.each(Object.entries(checks))("%s", (name, make) => {
  const given = (options: object) => () => make(options as never);

  it("looks at this process only, and may count for liveness where its user says so", () => {
    expect(make()).toMatchObject({ external: false, critical: critical.includes(name) });
    const health = createHealth({ checks: { resource: given({ probes: ["liveness"] })() } });
    expect(health.snapshot().checks.resource.probes).toEqual(["liveness"]);
    expect(createHealth({ checks: { resource: make() } }).snapshot().checks.resource.probes).toEqual([
      "readiness",
      "serving",
    ]);
  });

  it("has a hint that is told in full, and takes another", () => {
    expect(make().hint?.length).toBeLessThanOrEqual(300);
    expect(given({ hint: "ask the team" })().hint).toBe("ask the team");
  });

  it("takes the options of the schedule, which are judged where it is registered", () => {
    expect(given({ jitter: 0.5, critical: false })()).toMatchObject({ jitter: 0.5, critical: false });
    expect(() => createHealth({ checks: { resource: given({ jitter: 2 })() } })).toThrow(/jitter of check "resource"/);
  });

  it("refuses an option that there is not, and names those that there are", () => {
    expect(given({ warnAbve: 1 })).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: expect.stringMatching(new RegExp(`^warnAbve is not an option of ${name}\\(\\); .*intervalMs, .*warn`)),
      }),
    );
  });

  it.each([null, 5, "fast", [], () => {}])("refuses %o for options", (options) => {
    expect(() => make(options as never)).toThrow(
      expect.objectContaining({ code: "invalid_option", message: expect.stringContaining(`options of ${name}()`) }),
    );
  });
});

describe("bounds", () => {
  it.each([
    [heapUsed, { warnAbove: -1 }],
    [heapUsed, { failAbove: "0.9" }],
    [memoryUsed, { warnAbove: Number.NaN }],
    [gcTime, { failAbove: null }],
    [gcTime, { windowMs: 10 }],
    [loopDelay, { warnAboveMs: "10" }],
    [loopDelay, { warnMaxAboveMs: -1 }],
    [loopDelay, { intervalMs: 0 }],
    [loopDelay, { sampler: {} as LoopSampler }],
    [loopUtilization, { warnAbove: -0.1 }],
    [threadPool, { warnAboveMs: {} }],
    [handleGrowth, { windowMs: 10_000 }],
    [handleGrowth, { windowMs: "1 h" }],
    [handleGrowth, { intervalMs: "1 h" }],
    [handleGrowth, { warnAbovePerMinute: -1 }],
  ] as const)("%o refuses %o", (make, options) => {
    const [key] = Object.keys(options);
    expect(() => (make as (options: object) => FunctionCheck)(options)).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: expect.stringMatching(new RegExp(`^${key} of \\w+`)),
      }),
    );
  });

  it.each([heapUsed, memoryUsed, gcTime, loopUtilization, openFiles])("%o refuses percents", (make) => {
    for (const [key, percents] of [
      ["warnAbove", 80],
      ["failAbove", 1.01],
    ] as const)
      expect(() => make({ [key]: percents })).toThrow(
        expect.objectContaining({
          code: "invalid_option",
          message: `${key} of ${make.name}() must be a share from 0 to 1 (0.8 is 80 %), Infinity for never, got ${percents}`,
        }),
      );
    expect(make({ warnAbove: 1, failAbove: 1 }).external).toBe(false);
    expect(make({ warnAbove: 0, failAbove: Number.POSITIVE_INFINITY }).external).toBe(false);
  });

  it.each([
    () => heapUsed({ warnAbove: 0.99 }),
    () => loopDelay({ warnAboveMs: 500, failAboveMs: 400 }),
    () => threadPool({ failAboveMs: 2_000 }),
    () => threadPool({ timeoutMs: 500 }),
  ])("contradict each other: %s", (make) => {
    expect(make).toThrow(expect.objectContaining({ code: "contradictory_options" }));
  });

  it("may be infinite", () => {
    const never = { warnAbove: Number.POSITIVE_INFINITY, failAbove: Number.POSITIVE_INFINITY };
    expect(heapUsed(never).external).toBe(false);
    expect(threadPool({ failAboveMs: Number.POSITIVE_INFINITY }).external).toBe(false);
  });
});

describe("resources", () => {
  it("are all checks by name", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { ...resources(), own: () => {} } });
    expect(Object.keys(health.checks)).toEqual([
      "heap",
      "memory",
      "gc",
      "loop_delay",
      "loop_utilization",
      "thread_pool",
      "handles",
      "open_files",
      "own",
    ]);
    await health.start();
    await health.refresh();
    for (const check of health.snapshot().entries) expect(check).toMatchObject({ status: "healthy" });
    await health.stop();
    expect(clock.armed).toBe(0);
  });

  it("take the options of each, and leave one out", () => {
    const some = resources({ heap: { failAbove: 0.9 }, gc: false, loop_delay: { warnAboveMs: 50 } });
    expectTypeOf(some).not.toHaveProperty("gc");
    expectTypeOf(some.heap).toEqualTypeOf<FunctionCheck>();
    expect(Object.keys(some)).not.toContain("gc");
    const health = createHealth({ checks: some });
    expectTypeOf(health.checks).toHaveProperty("open_files");
  });

  it("read the event loop at the interval that each is given", async () => {
    const clock = new FakeClock();
    const { loop_delay, loop_utilization } = resources({ loop_delay: { intervalMs: 500, jitter: 0 } });
    const health = createHealth({ clock, checks: { loop_delay, loop_utilization } });
    await health.start();
    await clock.advance(2_000);
    const messages = () => health.snapshot().entries.map(({ message }) => message);
    expect(messages()).toEqual([
      expect.stringMatching(/^the event loop was late by/),
      "the first interval is not over",
    ]);
    await clock.advance(20_000);
    expect(messages()[1]).toMatch(/^the event loop was busy for/);
    await health.stop();
    expect(clock.armed).toBe(0);
  });

  it("refuse a name that there is not", () => {
    expect(() => resources({ heep: {} } as object)).toThrow(
      /^heep is not an option of resources\(\); the options are: heap, memory, gc, /,
    );
    expect(() => resources(null as never)).toThrow(/^options of resources\(\) must be an object/);
    expect(() => resources({ heap: true as never })).toThrow(/^options of heapUsed\(\) must be an object/);
  });
});
