import { type CheckTransition, createHealth, pass } from "@otel-health/core";
import { abortable, delayed, FakeClock, hang, scripted } from "@otel-health/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "./settings.ts";

const anyOptions = fc.record({
  intervalMs: fc.integer({ min: 500, max: 20_000 }),
  timeoutMs: fc.integer({ min: 100, max: 3_000 }),
  jitter: fc.constantFrom(0, 0.1, 1),
  backoff: fc.record({ initialMs: fc.integer({ min: 50, max: 5_000 }), factor: fc.constantFrom(1, 2, 3) }),
  failureThreshold: fc.integer({ min: 1, max: 5 }),
  gracePeriodMs: fc.integer({ min: 0, max: 30_000 }),
  successThreshold: fc.integer({ min: 1, max: 3 }),
});

const anyOutage = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
  /** Share of the timeout that an answer takes. */
  answerShare: fc.double({ min: 0, max: 0.4, noNaN: true }),
  /** Likewise for a failure; 1 or more: it hangs until it is aborted. */
  failureShare: fc.double({ min: 0, max: 1.5, noNaN: true }),
  phaseMs: fc.nat({ max: 30_000 }),
  lastsMs: fc.nat({ max: 60_000 }),
});

type Options = ReturnType<typeof anyOptions.generate>["value"];
type Outage = ReturnType<typeof anyOutage.generate>["value"];

/** Milliseconds that the timers of a few runs may add, since none fires within a millisecond. */
const rounding = 20;

/** Lets a dependency break and come back; gives the moments at which that was seen. */
async function breakOnce(options: Options, { seed, answerShare, failureShare, phaseMs, lastsMs }: Outage) {
  const { timeoutMs, intervalMs, successThreshold, gracePeriodMs } = options;
  const clock = new FakeClock(undefined, seed);
  const answerMs = Math.floor(timeoutMs * answerShare);
  const failureMs = Math.floor(timeoutMs * failureShare);
  const up = delayed(answerMs, pass());
  const failure = failureMs < timeoutMs ? delayed(failureMs, new Error("down")) : abortable(hang);
  const dependency = scripted(up);
  const health = createHealth({ clock, checks: { dependency: { ...dependency, ...options } } });
  const changes: { readonly at: number; readonly change: CheckTransition }[] = [];
  health.on("transition", (change) => {
    if (change.type === "check") changes.push({ at: clock.now(), change });
  });
  await health.start();
  await clock.advance((intervalMs + timeoutMs) * successThreshold + phaseMs);
  changes.length = 0;
  const brokeAt = clock.now();
  dependency.set(failure);
  // Long enough to be seen, whatever the options are.
  const detectionMs =
    intervalMs + timeoutMs + Math.max(gracePeriodMs, backoffMs(options, Math.min(failureMs, timeoutMs)));
  await clock.advance(detectionMs + timeoutMs + lastsMs + rounding);
  const mendedAt = clock.now();
  const failures = health.snapshot().checks.dependency.consecutiveFailures;
  dependency.set(up);
  await clock.advance((intervalMs + timeoutMs) * (successThreshold + 1) + rounding);
  const stopped = health.stop();
  await clock.advance(1_000);
  await stopped;
  const failingRunMs = Math.min(failureMs, timeoutMs);
  const failed = dependency.runs.filter(({ step }) => step === failure);
  return { changes, brokeAt, mendedAt, failures, answerMs, failingRunMs, failed };
}

/** Delays and runs between the first failure and the one that reaches the threshold. */
function backoffMs(options: Options, runMs: number): number {
  let sum = 0;
  for (let k = 1; k < options.failureThreshold; k++) sum += step(options, k) + runMs;
  return sum;
}

function step({ intervalMs, backoff }: Options, failures: number): number {
  return Math.min(intervalMs, backoff.initialMs * backoff.factor ** Math.max(0, failures - 1));
}

describe("an outage", () => {
  it("is seen within interval + run + the longer of grace and back-off steps, and not before both thresholds", async () => {
    await fc.assert(
      fc.asyncProperty(anyOptions, anyOutage, async (options, outage) => {
        const { changes, brokeAt, answerMs, failingRunMs, failed } = await breakOnce(options, outage);
        const { at, change } = changes[0]!;
        expect(change).toMatchObject({ state: "unhealthy", previousState: "healthy" });
        const confirm = Math.max(options.gracePeriodMs, backoffMs(options, failingRunMs));
        // The run that was under way when it broke still passed.
        const bound = answerMs + options.intervalMs + failingRunMs + confirm + rounding;
        expect(at - brokeAt).toBeLessThanOrEqual(bound);
        const seen = failed.filter(({ startedAt }) => startedAt <= at);
        expect(seen.length).toBeGreaterThanOrEqual(options.failureThreshold);
        expect(at - (seen[0]!.startedAt + failingRunMs)).toBeGreaterThanOrEqual(options.gracePeriodMs);
      }),
      runs(200),
    );
  });

  it("is over within the run under way, one back-off step and one run, and the passes that it takes", async () => {
    await fc.assert(
      fc.asyncProperty(anyOptions, anyOutage, async (options, outage) => {
        const { changes, mendedAt, failures, answerMs, failingRunMs } = await breakOnce(options, outage);
        const { at, change } = changes.at(-1)!;
        expect(change).toMatchObject({ state: "healthy" });
        const furtherPasses = (options.successThreshold - 1) * (options.intervalMs + answerMs);
        const bound = failingRunMs + step(options, failures + 1) + answerMs + furtherPasses + rounding;
        expect(at - mendedAt).toBeLessThanOrEqual(bound);
      }),
      runs(200),
    );
  });

  it("is never called unknown while runs come back, and changes the state exactly twice", async () => {
    await fc.assert(
      fc.asyncProperty(anyOptions, anyOutage, async (options, outage) => {
        const { changes } = await breakOnce(options, outage);
        expect(changes.map(({ change }) => change.state)).toEqual(["unhealthy", "healthy"]);
      }),
      runs(100),
    );
  });
});
