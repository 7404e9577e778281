import { type CheckFunction, createHealth, type Health, type Report } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { hostileReturned } from "./hostile-returned.ts";
import { hostileRuns, timeoutMs } from "./hostile-runs.ts";
import { hostileThrown } from "./hostile-thrown.ts";

/** A healthy process whose only check, after its first run, does what is given. */
async function startWith(run: (...args: Parameters<CheckFunction>) => unknown) {
  const clock = new FakeClock();
  let runs = 0;
  const health = createHealth({
    clock,
    checks: {
      hostile: {
        run: ((context) => (runs++ === 0 ? undefined : run(context))) as CheckFunction,
        intervalMs: 1_000,
        timeoutMs,
        failureThreshold: 2,
        gracePeriodMs: 0,
        backoff: { initialMs: 100 },
      },
    },
    endpoints: { detail: "full" },
  });
  const started = health.start();
  await clock.advance(0);
  await started;
  return { clock, health };
}

type Started = Awaited<ReturnType<typeof startWith>>;

/** Runs that never settle are given up a second after the stop. */
async function stop({ clock, health }: { clock: FakeClock; health: Pick<Health, "stop"> }) {
  const stopped = health.stop();
  await clock.advance(1_000);
  await stopped;
}

/** What a probe answers at this moment. Not a promise, and valid JSON: parsing it says so. */
function probe({ health }: Started): { status: number | undefined; report: Report } {
  const response = health.respond({ method: "GET", url: "/readyz" });
  return { status: response?.status, report: JSON.parse(response?.body ?? "") };
}

/** Lets time pass until the check has failed `count` times in a row. */
async function failTimes({ clock, health }: Started, count: number) {
  for (let steps = 0; steps < 200; steps++) {
    await clock.advance(10);
    if (health.checks.hostile.snapshot().consecutiveFailures === count) return;
  }
  throw new Error(`the check has not failed ${count} times`);
}

async function expectFailure(started: Started, message: string, errorType: string) {
  await failTimes(started, 1);
  expect(started.health.checks.hostile).toMatchObject({ status: "healthy" });
  expect(probe(started)).toMatchObject({
    status: 200,
    report: { checks: { hostile: { message, errorType, ok: true } } },
  });

  await failTimes(started, 2);
  await started.clock.advance(100);
  expect(started.health.checks.hostile).toMatchObject({ status: "unhealthy" });
  const { status, report } = probe(started);
  expect({ status, of: report.status }).toEqual({ status: 503, of: "unhealthy" });
  expect(report.checks?.["hostile"]).toMatchObject({
    status: "unhealthy",
    ok: false,
    message,
    errorType,
    fault: "transient",
  });
  expect(report.checks).toEqual(started.health.report("readiness").checks);
  await stop(started);
}

describe("a check that throws", () => {
  it.each(hostileThrown)("$what fails, and says so", async ({ thrown, message, errorType = "_OTHER" }) => {
    const started = await startWith(() => {
      throw thrown();
    });
    await expectFailure(started, message, errorType);
  });

  it.each(hostileThrown)(
    "$what from an async function fails, and says so",
    async ({ thrown, message, errorType = "_OTHER" }) => {
      const started = await startWith(async () => {
        throw thrown();
      });
      await expectFailure(started, message, errorType);
    },
  );
});

describe("a check that returns", () => {
  it.each(hostileReturned)("$what fails, and says so", async ({ returned, message, errorType = "invalid_outcome" }) => {
    await expectFailure(await startWith(returned), message, errorType);
  });
});

describe("a check that", () => {
  it.each(hostileRuns.filter(({ message }) => message !== undefined))(
    "$what fails, and says so",
    async ({ run, message = "", errorType = "" }) => {
      await expectFailure(await startWith(run), message, errorType);
    },
  );

  it.each(hostileRuns.filter(({ message }) => message === undefined))("$what stays healthy", async ({ run }) => {
    const started = await startWith(run);
    await started.clock.advance(5_000);
    const { status, checkedAt, consecutiveFailures } = started.health.checks.hostile.snapshot();
    expect({ status, consecutiveFailures }).toEqual({ status: "healthy", consecutiveFailures: 0 });
    expect(checkedAt).toBeGreaterThan(started.clock.wallTime() - 1_100);
    expect(probe(started).status).toBe(200);
    await stop(started);
  });

  it("harms the clock that it is given harms nobody", async () => {
    const refused: boolean[] = [];
    const health = createHealth({
      checks: {
        vandal: ({ clock }) => {
          for (const method of Object.keys(clock)) refused.push(!Reflect.set(clock, method, () => Number.NaN));
        },
      },
    });
    await health.refresh();
    expect(refused).toEqual([true, true, true, true, true]);
    expect(health.checks.vandal.status).toBe("healthy");
    await health.stop();
  });

  it("harms its context leaves the runs of other checks alone", async () => {
    const clock = new FakeClock();
    const signals: AbortSignal[] = [];
    const health = createHealth({
      clock,
      checks: {
        vandal: { run: hostileRuns.find(({ what }) => what.startsWith("empties"))?.run as CheckFunction, timeoutMs },
        neighbour: {
          run: ({ signal, clock: given }) => {
            expect(given).toBe(clock);
            signals.push(signal);
          },
          timeoutMs,
        },
      },
    });
    const started = health.start();
    await clock.advance(30_000);
    await started;
    expect(signals.length).toBeGreaterThan(2);
    expect(signals.every((signal) => !signal.aborted)).toBe(true);
    expect(health.checks.neighbour.status).toBe("healthy");
    await stop({ clock, health });
  });
});
