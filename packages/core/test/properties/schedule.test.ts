import { type CheckFunction, createHealth } from "@otel-health/core";
import { abortable, delayed, FakeClock, hang, scripted } from "@otel-health/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectedStarts, type ScheduleRules, type Script, type SeenRun } from "./schedule-model.ts";
import { runs } from "./settings.ts";

const horizonMs = 3_000;
/** Fractions of a millisecond that adding up times may cost. */
const epsilon = 1e-6;

const anySchedule: fc.Arbitrary<ScheduleRules> = fc.record({
  intervalMs: fc.integer({ min: 20, max: 400 }),
  timeoutMs: fc.integer({ min: 5, max: 100 }),
  initialDelayMs: fc.integer({ min: 0, max: 50 }),
  jitter: fc.constantFrom(0, 0.1, 0.5, 1),
  backoff: fc.record({ initialMs: fc.integer({ min: 5, max: 100 }), factor: fc.constantFrom(1, 1.5, 2, 10) }),
  gracePeriodMs: fc.integer({ min: 0, max: 500 }),
  persistentAfterMs: fc.integer({ min: 200, max: 1_500 }),
});

const anyScript: fc.Arbitrary<Script> = fc.record({
  afterMs: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 700 }) },
    { weight: 2, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
  ),
  answer: fc.constantFrom("pass" as const, "warn" as const, "fail" as const),
  retryAfterMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 2_000 }) }),
  heeds: fc.boolean(),
});

const anyCheck = fc
  .record({
    rules: anySchedule,
    scripts: fc.array(anyScript, { minLength: 1, maxLength: 8, size: "max" }),
    external: fc.integer({ min: 0, max: 3 }).map((lot) => lot > 0),
  })
  // What settles at the very moment of its deadline may go either way.
  .map(({ rules, scripts, external }) => ({
    rules,
    external,
    scripts: scripts.map((script) => (script.afterMs === rules.timeoutMs ? { ...script, afterMs: 0 } : script)),
  }));

type PlannedCheck = ReturnType<typeof anyCheck.generate>["value"];

interface Ran {
  readonly planned: PlannedCheck;
  readonly seen: readonly SeenRun[];
}

function stepOf({ afterMs, answer, retryAfterMs, heeds }: Script): CheckFunction {
  const message = "as it was told";
  const step =
    afterMs === Number.POSITIVE_INFINITY ? hang : delayed(afterMs, { status: answer, message, retryAfterMs });
  return heeds ? abortable(step) : step;
}

/** A check that begins with the first script again when it has done the last. */
function cycling(scripts: readonly Script[]) {
  let run = 0;
  return scripted((context) => stepOf(scripts[run++ % scripts.length]!)(context));
}

/** Lets the checks run for the horizon, and gives back what their functions saw. */
async function observe(planned: readonly PlannedCheck[], concurrency: number, seed: number): Promise<readonly Ran[]> {
  const clock = new FakeClock(undefined, seed);
  const cycles = planned.map(({ scripts }) => cycling(scripts));
  const checks = Object.fromEntries(
    planned.map(({ rules, external }, i) => [`c${i}`, { ...rules, external, run: cycles[i]!.run }]),
  );
  const health = createHealth({ clock, checks, concurrency });
  await health.start();
  await clock.advance(horizonMs);
  const stopped = health.stop();
  await clock.advance(1_000);
  await stopped;
  return planned.map((planned, i) => {
    const { scripts } = planned;
    return { planned, seen: cycles[i]!.runs.map((seen, run) => ({ ...seen, script: scripts[run % scripts.length]! })) };
  });
}

/** When the schedule counted a run as over: it settled, or its deadline came. */
function overAt({ startedAt, settledAt = Number.POSITIVE_INFINITY }: SeenRun, { timeoutMs }: ScheduleRules): number {
  return Math.min(settledAt, startedAt + timeoutMs);
}

const anySeed = fc.integer({ min: 1, max: 2 ** 31 - 2 });
const anyChecks = fc.array(anyCheck, { minLength: 1, maxLength: 8, size: "max" });

describe("the schedule", () => {
  it("starts each run when the model says, where there is a slot for each check", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(anyChecks, anySeed, async (planned, seed) => {
        for (const { planned: check, seen } of await observe(planned, planned.length, seed)) {
          const expected = expectedStarts(check.rules, seen);
          expected.forEach(({ from, to }, i) => {
            const startedAt = seen[i]?.startedAt ?? Number.POSITIVE_INFINITY;
            // What is due after the horizon has not begun.
            if (startedAt === Number.POSITIVE_INFINITY) expect(to).toBeGreaterThan(horizonMs - epsilon);
            else expect(startedAt).toBeGreaterThan(from - epsilon);
            if (to < horizonMs) expect(startedAt).toBeLessThan(to + epsilon);
            compared++;
          });
        }
      }),
      runs(250),
    );
    expect(compared).toBeGreaterThan(5_000);
  });

  it("never runs a check twice at once, save for runs that are past their deadline", async () => {
    await fc.assert(
      fc.asyncProperty(anyChecks, fc.integer({ min: 1, max: 4 }), anySeed, async (planned, concurrency, seed) => {
        for (const { planned: check, seen } of await observe(planned, concurrency, seed)) {
          for (let i = 1; i < seen.length; i++) {
            expect(seen[i]!.startedAt).toBeGreaterThan(overAt(seen[i - 1]!, check.rules) - epsilon);
          }
        }
      }),
      runs(150),
    );
  });

  it("leaves behind at most three hung runs of a check, and then one each persistentAfterMs", async () => {
    let stuck = 0;
    const hangs = anyCheck.map((check) => ({
      ...check,
      scripts: check.scripts.map((script) => ({ ...script, afterMs: Number.POSITIVE_INFINITY, heeds: false })),
    }));
    await fc.assert(
      fc.asyncProperty(fc.array(hangs, { minLength: 1, maxLength: 4 }), anySeed, async (planned, seed) => {
        for (const { planned: check, seen } of await observe(planned, planned.length, seed)) {
          const { persistentAfterMs, timeoutMs } = check.rules;
          for (let i = 3; i < seen.length; i++) {
            const pause = seen[i]!.startedAt - (seen[i - 1]!.startedAt + timeoutMs);
            expect(Math.abs(pause - persistentAfterMs)).toBeLessThan(2);
            stuck++;
          }
        }
      }),
      runs(100),
    );
    expect(stuck).toBeGreaterThan(50);
  });

  it("never has more external runs under way than there are slots", async () => {
    let full = 0;
    await fc.assert(
      fc.asyncProperty(anyChecks, fc.integer({ min: 1, max: 3 }), anySeed, async (planned, concurrency, seed) => {
        const ran = (await observe(planned, concurrency, seed)).filter(({ planned }) => planned.external);
        const moments = ran.flatMap(({ planned, seen }) =>
          seen.flatMap((run) => [
            { at: run.startedAt, by: 1 },
            // A slot that is given back is taken in the same moment.
            { at: overAt(run, planned.rules) - epsilon, by: -1 },
          ]),
        );
        moments.sort((one, other) => one.at - other.at);
        let underWay = 0;
        for (const { by } of moments) {
          underWay += by;
          expect(underWay).toBeLessThanOrEqual(concurrency);
          if (underWay === concurrency) full++;
        }
      }),
      runs(150),
    );
    expect(full).toBeGreaterThan(500);
  });

  it("gives slots in the order of due times", async () => {
    let waited = 0;
    const steady = anyCheck.map((check): PlannedCheck => {
      const scripts = check.scripts.map(
        (script): Script => ({ ...script, answer: "pass", retryAfterMs: 0, afterMs: 3 }),
      );
      return { rules: { ...check.rules, jitter: 0 }, scripts, external: true };
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(steady, { minLength: 6, maxLength: 30, size: "max" }),
        anySeed,
        async (planned, seed) => {
          const all = (await observe(planned, 1, seed)).flatMap(({ planned: { rules }, seen }) =>
            seen.map(({ startedAt }, i) => ({
              startedAt,
              dueAt: i === 0 ? rules.initialDelayMs : overAt(seen[i - 1]!, rules) + rules.intervalMs,
            })),
          );
          all.sort((one, other) => one.startedAt - other.startedAt);
          for (let i = 1; i < all.length; i++) {
            expect(all[i]!.dueAt).toBeGreaterThan(all[i - 1]!.dueAt - epsilon);
            if (all[i]!.startedAt > all[i]!.dueAt + 1) waited++;
          }
        },
      ),
      runs(60),
    );
    expect(waited).toBeGreaterThan(200);
  });
});
