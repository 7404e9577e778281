import { createHealth, fail, isHealthError, type StartupTasks } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

function make(startup: StartupTasks) {
  const clock = new FakeClock();
  const health = createHealth({ clock, startup });
  let state: unknown = "pending";
  const start = () => {
    health.start().then(
      () => {
        state = "ready";
      },
      (error: unknown) => {
        state = isHealthError(error) ? error.code : error;
      },
    );
    return settle();
  };
  const entry = (name: string) => health.snapshot().entries.find((entry) => entry.name === name)!;
  return { clock, health, start, state: () => state, entry };
}

/** A task that ends when it is told to. */
function byHand() {
  const runs: { readonly end: (error?: Error) => Promise<void>; readonly signal: AbortSignal }[] = [];
  const run = ({ signal }: { readonly signal: AbortSignal }) =>
    new Promise<void>((resolve, reject) => {
      runs.push({
        signal,
        end: (error) => {
          if (error === undefined) resolve();
          else reject(error);
          return settle();
        },
      });
    });
  return { run, runs };
}

describe("startup tasks", () => {
  it("run side by side, save those that come after others", async () => {
    const [one, two, three] = [byHand(), byHand(), byHand()];
    const { start, state } = make({
      three: { run: three.run, after: ["one", "two"] },
      one: one.run,
      two: two.run,
    });
    await start();
    const begun = () => [one, two, three].map(({ runs }) => runs.length);
    expect(begun()).toEqual([1, 1, 0]);
    await one.runs[0]!.end();
    expect(begun()).toEqual([1, 1, 0]);
    await two.runs[0]!.end();
    expect(begun()).toEqual([1, 1, 1]);
    expect(state()).toBe("pending");
    await three.runs[0]!.end();
    expect(state()).toBe("ready");
  });

  it("are tried again after a back-off that doubles up to its cap", async () => {
    const clock = new FakeClock();
    const attempts: number[] = [];
    const run = () => {
      attempts.push(clock.now());
      throw new Error("refused");
    };
    const health = createHealth({ clock, startup: { connect: { run, backoff: { maxMs: 8_000 } } } });
    health.start().catch(() => {});
    await clock.advance(60_000);
    const pauses = attempts.slice(1).map((at, i) => at - attempts[i]!);
    [1_000, 2_000, 4_000, 8_000, 8_000, 8_000].forEach((longest, i) => {
      expect(pauses[i]).toBeGreaterThanOrEqual(longest / 2);
      expect(pauses[i]).toBeLessThanOrEqual(longest + 1);
    });
  });

  it("go on at the cap when their attempts are exhausted, and the process stays starting", async () => {
    const clock = new FakeClock();
    const attempts: number[] = [];
    const run = () => {
      attempts.push(clock.now());
      throw new Error("refused");
    };
    const health = createHealth({
      clock,
      startup: { connect: { run, attempts: 2, backoff: { initialMs: 100, maxMs: 20_000 } } },
    });
    health.start().catch(() => {});
    await clock.advance(200);
    expect(attempts.length).toBe(2);
    await clock.advance(100_000);
    const pauses = attempts.slice(2).map((at, i) => at - attempts[i + 1]!);
    expect(pauses.length).toBeGreaterThan(3);
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(10_000);
    expect(health.snapshot()).toMatchObject({ lifecycle: "starting", probes: { startup: { status: "unhealthy" } } });
    expect(health.report("startup").checks?.["connect"]?.message).toMatch(/attempts exhausted: refused$/);
  });

  it("fail the start at a fatal fault, and abort the others", async () => {
    const other = byHand();
    const { start, state, health, entry } = make({
      migrate: () => fail("schema is from the future", { fault: "fatal", hint: "deploy the newer version" }),
      other: other.run,
    });
    await start();
    expect(state()).toBe("startup_failed");
    expect(health.snapshot().lifecycle).toBe("failed");
    expect(other.runs[0]!.signal.aborted).toBe(true);
    expect(entry("other").message).toBe("aborted");
    expect(entry("migrate")).toMatchObject({
      status: "unhealthy",
      fault: "fatal",
      hint: "deploy the newer version",
      nextCheckAt: null,
    });
    await other.runs[0]!.end();
    expect(health.snapshot().lifecycle).toBe("failed");
  });

  it("are aborted at their timeout, and never tried again before that attempt has settled", async () => {
    const slow = byHand();
    const { clock, start, entry } = make({ migrate: { run: slow.run, timeoutMs: 5_000 } });
    await start();
    await clock.advance(4_999);
    expect(slow.runs[0]!.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(slow.runs[0]!.signal.aborted).toBe(true);
    expect(entry("migrate").message).toBe(
      "attempt 1 since 2026-11-22T13:00:00.000Z, not done within 5000 ms, waiting for it to settle",
    );
    await clock.advance(600_000);
    expect(slow.runs.length).toBe(1);
    await slow.runs[0]!.end(new Error("gave up"));
    expect(entry("migrate")).toMatchObject({ status: "unhealthy", message: "attempt 1 failed: gave up" });
    await clock.advance(1_000);
    expect(slow.runs.length).toBe(2);
  });

  it("are done by an attempt that succeeds past its timeout", async () => {
    const slow = byHand();
    const { clock, start, state } = make({ migrate: { run: slow.run, timeoutMs: 5_000 } });
    await start();
    await clock.advance(60_000);
    await slow.runs[0]!.end();
    expect(state()).toBe("ready");
    expect(slow.runs.length).toBe(1);
  });

  it("show their progress: attempt, reason, next attempt", async () => {
    const task = byHand();
    const { clock, start, health, entry } = make({
      connect: { run: task.run, hint: "is the database up?" },
      migrate: { run: () => {}, after: ["connect"] },
    });
    expect(entry("connect")).toMatchObject({ status: "unknown", message: "not begun", checkedAt: null });
    await start();
    expect(entry("connect").message).toBe("attempt 1 since 2026-11-22T13:00:00.000Z");
    expect(entry("migrate")).toMatchObject({ status: "unknown", message: "waits for connect" });
    await clock.advance(250);
    await task.runs[0]!.end(new Error("refused"));
    const { nextCheckAt } = entry("connect");
    expect(entry("connect")).toMatchObject({
      status: "unhealthy",
      consecutiveFailures: 1,
      message: "attempt 1 failed: refused",
      hint: "is the database up?",
      checkedAt: clock.wallTime(),
    });
    expect(health.report("startup").message).toBe(
      `starting: waiting for connect (attempt 1 failed, next at ${new Date(nextCheckAt!).toISOString()}), migrate`,
    );
    await clock.advance(1_000);
    expect(task.runs.length).toBe(2);
    await task.runs[1]!.end();
    expect(entry("connect")).toMatchObject({ status: "healthy", message: "done at attempt 2", hint: null });
  });

  it("wait as long as an outcome asks them to, within the cap", async () => {
    const clock = new FakeClock();
    const attempts: number[] = [];
    const run = () => {
      attempts.push(clock.now());
      return fail("busy", { retryAfterMs: attempts.length === 1 ? 9_000 : 1e9 });
    };
    const health = createHealth({ clock, startup: { connect: { run, backoff: { maxMs: 12_000 } } } });
    health.start().catch(() => {});
    await clock.advance(21_000);
    expect(attempts).toEqual([0, 9_000, 21_000]);
  });

  it("count as done with a warning, and whatever else a check function may answer", async () => {
    const { start, state } = make({ one: () => ({ status: "warn", message: "slow disk" }), two: async () => {} });
    await start();
    expect(state()).toBe("ready");
  });

  it("drop what settles after the start was aborted", async () => {
    const task = byHand();
    const { start, health, entry } = make({ migrate: task.run });
    await start();
    void health.drain({ delayMs: 0 });
    await task.runs[0]!.end();
    expect(entry("migrate").message).toBe("aborted");
    expect(health.snapshot().lifecycle).toBe("draining");
  });

  it("and startup checks are both waited for", async () => {
    const task = byHand();
    const clock = new FakeClock();
    let up = false;
    const run = () => {
      if (!up) throw new Error("down");
    };
    const health = createHealth({
      clock,
      startup: { migrate: task.run },
      checks: { database: { run, probes: ["startup"] } },
    });
    const started = health.start();
    await settle();
    await task.runs[0]!.end();
    expect(health.snapshot().lifecycle).toBe("starting");
    up = true;
    await clock.advance(2_000);
    await started;
    expect(health.snapshot().lifecycle).toBe("ready");
  });
});
