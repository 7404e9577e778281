import type { ScheduleOptions } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { Dependency } from "./dependency.ts";
import { FrozenProcess } from "./frozen-process.ts";

const shortGapMs = 200;
/** Longer than what makes a result of these checks too old, and than a run may take. */
const longGapMs = 2_500;
const schedule: ScheduleOptions = { intervalMs: 200, timeoutMs: 1_500, staleAfterMs: 1_500 };
/** What is advised to those who are frozen: one failure is enough. */
const strict: ScheduleOptions = { ...schedule, failureThreshold: 1, gracePeriodMs: 0 };

async function start(check: ScheduleOptions, maxAgeMs = 0) {
  const dependency = new Dependency();
  const frozen = await FrozenProcess.start({ dependencyPort: await dependency.listen(), check, maxAgeMs });
  return {
    dependency,
    frozen,
    async [Symbol.asyncDispose]() {
      await frozen[Symbol.asyncDispose]();
      await dependency[Symbol.asyncDispose]();
    },
  };
}

/** Started, and healthy. */
async function startHealthy(check: ScheduleOptions, maxAgeMs?: number) {
  const started = await start(check, maxAgeMs);
  await started.frozen.tell("start");
  const { status, dependency } = await started.frozen.ask("/fresh/readyz");
  expect([status, dependency.status]).toEqual([200, "healthy"]);
  return started;
}

describe("a process that was frozen and refreshes before it answers", () => {
  it.each([shortGapMs, longGapMs])("has seen what happened in a gap of %i ms: 503 at once", async (gapMs) => {
    await using running = await startHealthy(strict);
    const { frozen, dependency: database } = running;
    const { thawedAt, answer } = await frozen.freeze(gapMs, () => database.die(), "/fresh/readyz");
    const { status, dependency } = answer;
    expect([status, dependency.status, dependency.errorType]).toEqual([503, "unhealthy", "ECONNREFUSED"]);
    expect(dependency.checkedAtMs).toBeGreaterThanOrEqual(thawedAt);
  });

  it("tells of the failure, but debounces it, where the thresholds are those of a server", async () => {
    await using running = await startHealthy(schedule);
    const { frozen, dependency: database } = running;
    const { thawedAt, answer } = await frozen.freeze(longGapMs, () => database.die(), "/fresh/readyz");
    const { dependency } = answer;
    expect(dependency).toMatchObject({ errorType: "ECONNREFUSED", fault: "transient" });
    expect(dependency.consecutiveFailures).toBeGreaterThan(0);
    expect(dependency.checkedAtMs).toBeGreaterThanOrEqual(thawedAt);
    const unhealthy = async () => (await frozen.ask("/fresh/readyz")).status === 503;
    await until(unhealthy, { describe: "the thresholds to be crossed" });
  });

  it("is not taken in by a pass that was on its way when it was frozen", async () => {
    await using running = await startHealthy(strict, 1_000);
    const { frozen, dependency: database } = running;
    database.answers = false;
    await until(() => database.waiting > 0, { describe: "a run that waits" });
    const answerAndDie = async () => {
      await database.answerThose();
      await database.die();
    };
    const { answer } = await frozen.freeze(longGapMs, answerAndDie, "/fresh/readyz");
    expect([answer.status, answer.dependency.errorType]).toEqual([503, "ECONNREFUSED"]);
  });

  it("sees a recovery likewise", async () => {
    await using running = await start({ ...strict, intervalMs: 60_000 });
    const { frozen, dependency: database } = running;
    database.refuses = true;
    await frozen.tell("start");
    expect((await frozen.ask("/fresh/readyz")).status).toBe(503);
    const mend = async () => {
      database.refuses = false;
    };
    const { thawedAt, answer } = await frozen.freeze(shortGapMs, mend, "/fresh/readyz");
    expect([answer.status, answer.dependency.status]).toEqual([200, "healthy"]);
    expect(answer.dependency.checkedAtMs).toBeGreaterThanOrEqual(thawedAt);
  });

  it("runs the check once for all requests that come at once", async () => {
    await using running = await startHealthy({ ...strict, intervalMs: 60_000 }, 2_000);
    const { frozen, dependency: database } = running;
    const before = database.asked;
    const crowd: Promise<unknown>[] = [];
    const gather = async () => {
      for (let i = 0; i < 10; i++) crowd.push(frozen.ask("/fresh/readyz"));
    };
    await frozen.freeze(longGapMs, gather, "/fresh/readyz");
    await Promise.all(crowd);
    expect(database.asked).toBe(before + 1);
  });

  it("answers 503 before the start, with the check run", async () => {
    await using running = await start({ ...strict, intervalMs: 60_000 });
    const { frozen, dependency: database } = running;
    const { status, report, dependency } = await frozen.ask("/fresh/readyz");
    expect([status, report.lifecycle, dependency.status]).toEqual([503, "starting", "healthy"]);
    expect(database.asked).toBe(1);
    await frozen.tell("start");
    expect((await frozen.ask("/fresh/readyz")).status).toBe(200);
  });

  it("goes on draining, and once it is stopped asks nobody any more", async () => {
    await using running = await startHealthy(strict);
    const { frozen, dependency: database } = running;
    await frozen.tell("drain");
    const { answer } = await frozen.freeze(shortGapMs, async () => {}, "/fresh/readyz");
    expect([answer.status, answer.report.lifecycle, answer.dependency.status]).toEqual([503, "draining", "healthy"]);
    await frozen.tell("stop");
    const before = database.asked;
    const { status, report } = await frozen.ask("/fresh/readyz");
    expect([status, report.lifecycle, database.asked]).toEqual([503, "stopped", before]);
  });
});

describe("a process that was frozen and does not refresh", () => {
  it("answers what it last knew, with the time of that, and finds out by itself", async () => {
    await using running = await startHealthy(strict);
    const { frozen, dependency: database } = running;
    const { thawedAt, answer } = await frozen.freeze(longGapMs, () => database.die(), "/readyz");
    // Which of the two depends on whether the run that is overdue was quicker than the request.
    const { status, report, dependency } = answer;
    if (status === 200) {
      expect(dependency.checkedAtMs).toBeLessThan(thawedAt);
      expect(Date.parse(report.timestamp)).toBeLessThan(thawedAt);
    } else expect(dependency.errorType).toBe("ECONNREFUSED");
    const unhealthy = async () => (await frozen.ask("/readyz")).status === 503;
    await until(unhealthy, { describe: "the run that was overdue to be seen" });
  });
});
