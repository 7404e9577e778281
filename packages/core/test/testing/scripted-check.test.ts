import { createHealth, fail, pass, warn } from "@otel-health/core";
import { abortable, delayed, FakeClock, hang, type ScriptedCheck, scripted } from "@otel-health/core/testing";
import { describe, expect, expectTypeOf, it } from "vitest";

const quick = { intervalMs: 1_000, jitter: 0, timeoutMs: 200, backoff: { initialMs: 1_000, factor: 1 } } as const;

async function start(check: ScriptedCheck, options: object = {}) {
  const clock = new FakeClock();
  const health = createHealth({ clock, checks: { database: { ...check, ...quick, ...options } } });
  await health.start();
  await clock.advance(0);
  const seen = () => health.checks.database.snapshot();
  return { clock, seen };
}

describe("scripted", () => {
  it("gives a check that can be registered as it is, with options, or as its function alone", async () => {
    const clock = new FakeClock();
    const [plain, spread, alone] = [scripted(pass()), scripted(pass()), scripted(pass())];
    const health = createHealth({
      clock,
      checks: { plain, spread: { ...spread, critical: false, intervalMs: 5_000 }, alone: alone.run },
    });
    expectTypeOf(health.checks.plain).not.toHaveProperty("beat");
    await health.start();
    await clock.advance(0);
    expect([plain, spread, alone].map(({ runs }) => runs.length)).toEqual([1, 1, 1]);
    expect(health.snapshot().checks.spread).toMatchObject({ critical: false, status: "healthy" });
  });

  it("does one step a run, and the last one again and again", async () => {
    const steps = [pass(), warn("slow"), fail("down", { errorType: "gone" }), new Error("broken"), pass("up")] as const;
    const database = scripted(...steps);
    const { clock, seen } = await start(database);
    const told: unknown[] = [];
    for (let run = 0; run < 6; run++) {
      const { message, errorType } = seen();
      told.push([message, errorType]);
      await clock.advance(1_000);
    }
    expect(told).toEqual([
      [null, null],
      ["slow", null],
      ["down", "gone"],
      ["broken", "Error"],
      ["up", null],
      ["up", null],
    ]);
    expect(database.runs.slice(0, 6).map(({ step }) => step)).toEqual([...steps, steps[4]]);
  });

  it("answers with what a function makes of the run, with the health object's signal and clock", async () => {
    const times: number[] = [];
    const database = scripted(({ clock, signal }) => {
      times.push(clock.now());
      return signal.aborted ? pass() : fail("asked");
    });
    const { seen } = await start(database);
    expect([seen().message, times]).toEqual(["asked", [0]]);
  });

  it("changes its mind when a test says so, from the next run on", async () => {
    const database = scripted(pass());
    const { clock, seen } = await start(database, { failureThreshold: 1, gracePeriodMs: 0 });
    await clock.advance(2_000);
    expect(seen().status).toBe("healthy");
    database.set(new Error("connect ECONNREFUSED"), new Error("starting up"));
    expect(seen().status).toBe("healthy");
    await clock.advance(1_000);
    expect(seen()).toMatchObject({ status: "unhealthy", message: "connect ECONNREFUSED" });
    await clock.advance(1_000);
    expect(seen().message).toBe("starting up");
    database.set(pass());
    await clock.advance(1_000);
    expect(seen().status).toBe("healthy");
  });

  it("goes on with what is appended after what is left, and at once where only the last step was repeated", async () => {
    const database = scripted(pass("one"), pass("two"));
    const { clock, seen } = await start(database);
    database.append(pass("three"));
    const told = [seen().message];
    for (let run = 0; run < 4; run++) {
      await clock.advance(1_000);
      told.push(seen().message);
    }
    database.append(pass("four"), pass("five"));
    for (let run = 0; run < 3; run++) {
      await clock.advance(1_000);
      told.push(seen().message);
    }
    expect(told).toEqual(["one", "two", "three", "three", "three", "four", "five", "five"]);
  });

  it("is not taken for a promise by whoever awaits it", async () => {
    const database = await Promise.resolve(scripted(pass()));
    expect(database.runs).toEqual([]);
  });

  it.each([
    ["scripted()", () => scripted()],
    ["set()", () => scripted(pass()).set()],
    ["append()", () => scripted(pass()).append()],
  ])("takes at least one step: %s", (where, give) => {
    expect(give).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: `${where} takes at least one step: what each run does, for example pass()`,
      }),
    );
  });

  it.each([
    ["undefined", undefined],
    ['"hang"', "hang"],
    ["an object", { status: "ok" }],
    ["[an object]", [pass()]],
    ["null", null],
  ])("refuses %s as a step, wherever it is given", (shown, step) => {
    const given = step as unknown as Error;
    const refused = (where: string) =>
      expect.objectContaining({
        code: "invalid_option",
        message: `a step of ${where} must be pass(), warn(), fail(), an error to throw or a check function, got ${shown}`,
      });
    const database = scripted(pass());
    expect(() => scripted(pass(), given)).toThrow(refused("scripted()"));
    expect(() => database.set(given)).toThrow(refused("set()"));
    expect(() => database.append(given)).toThrow(refused("append()"));
    expect(() => delayed(1, given)).toThrow(refused("delayed()"));
    expect(() => abortable(given)).toThrow(refused("abortable()"));
  });
});

describe("the runs of a scripted check", () => {
  it("tell when each began, when its signal fired and when it settled", async () => {
    const database = scripted(delayed(50, pass()), abortable(hang), hang);
    const { clock } = await start(database, { persistentAfterMs: 60_000 });
    await clock.advance(3_000);
    const [answered, heeded, hung] = database.runs;
    expect(answered).toMatchObject({ startedAt: 0, abortedAt: undefined, settledAt: 50 });
    const deadline = heeded!.startedAt + 200;
    expect(heeded).toMatchObject({ startedAt: 1_050, abortedAt: deadline, settledAt: deadline });
    expect(hung).toMatchObject({ abortedAt: hung!.startedAt + 200, settledAt: undefined });
    expect(database.starts).toEqual(database.runs.map(({ startedAt }) => startedAt));
  });

  it("are under way until they settle, also after they were given up", async () => {
    const database = scripted(hang, delayed(100, pass()));
    const { clock } = await start(database);
    expect(database.underWay).toBe(1);
    await clock.advance(500);
    expect(database.underWay).toBe(1);
    await clock.advanceUntil(() => database.runs.length === 2, { withinMs: 10_000 });
    expect(database.underWay).toBe(2);
    await clock.advance(100);
    expect(database.underWay).toBe(1);
  });
});

describe("delayed", () => {
  it("does its step that many milliseconds later, of the health object's clock, and ignores the signal", async () => {
    const database = scripted(delayed(100, fail("late")), delayed(500, new Error("too late")));
    const { clock, seen } = await start(database);
    await clock.advance(99);
    expect(seen().message).toBe(null);
    await clock.advance(1);
    expect(seen()).toMatchObject({ message: "late", durationMs: 100 });
    await clock.advance(2_000);
    expect(seen().errorType).toBe("timeout");
    expect(database.runs[1]).toMatchObject({ settledAt: database.starts[1]! + 500 });
  });

  it("passes the run on to a function", async () => {
    const { clock, seen } = await start(scripted(delayed(10, ({ clock }) => warn(`at ${clock.now()}`))));
    await clock.advance(10);
    expect(seen().message).toBe("at 10");
  });

  it("refuses a delay that is none", () => {
    expect(() => delayed(Number.NaN, pass())).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: "ms of delayed() must be a number from 0 to 2147483647 (milliseconds), got NaN",
      }),
    );
  });
});

describe("abortable", () => {
  it("does its step where the signal does not fire", async () => {
    const { clock, seen } = await start(scripted(abortable(delayed(20, warn("so so")))));
    await clock.advance(20);
    expect(seen().message).toBe("so so");
  });

  it("gives up with the signal's reason, so that no run is left behind however often it times out", async () => {
    const reasons: unknown[] = [];
    const database = scripted(async (context) => {
      try {
        return await abortable(hang)(context);
      } catch (reason) {
        reasons.push(reason);
        throw reason;
      }
    });
    const { clock, seen } = await start(database, { persistentAfterMs: 1_000_000 });
    await clock.advance(20_000);
    expect(database.runs.length).toBeGreaterThan(10);
    expect(database.underWay).toBeLessThanOrEqual(1);
    expect(seen()).toMatchObject({ status: "unhealthy", errorType: "timeout" });
    expect(reasons[0]).toMatchObject({ name: "TimeoutError" });
  });
});
