import { createHealth, fail, gate, type Outcome, push, threshold, warn } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { TestSdk } from "../telemetry/test-sdk.ts";

/** A check that follows `dependency.answer` within a second, and so flaps when that does. */
async function flappable() {
  const clock = new FakeClock();
  const dependency = { answer: undefined as Outcome | undefined };
  const health = createHealth({
    clock,
    checks: {
      db: {
        run: () => dependency.answer,
        intervalMs: 1_000,
        jitter: 0,
        failureThreshold: 1,
        gracePeriodMs: 0,
        backoff: { initialMs: 1_000, factor: 1 },
      },
    },
  });
  const sdk = new TestSdk().giveTo(health);
  await health.start();
  await clock.advance(1_000);
  const db = health.checks.db;
  const turn = async (answer: Outcome | undefined, ms = 10_000) => {
    dependency.answer = answer;
    await clock.advance(ms);
  };
  /** Six changes: down and up three times. */
  const flap = async () => {
    for (let changes = 0; changes < 6; changes++) await turn(changes % 2 === 0 ? fail("down") : undefined);
  };
  const events = () => sdk.logs.filter(({ eventName }) => eventName === "health.check.flapping");
  return { clock, health, sdk, db, dependency, turn, flap, events };
}

describe("a check that flaps", () => {
  it("is one that has changed six times in ten minutes", async () => {
    const { db, turn } = await flappable();
    for (let changes = 1; changes <= 6; changes++) {
      await turn(changes % 2 === 1 ? fail("down") : undefined, 100_000);
      expect([changes, db.snapshot().flapping]).toEqual([changes, changes === 6]);
    }
    const slow = await flappable();
    for (let changes = 1; changes <= 20; changes++) {
      await slow.turn(changes % 2 === 1 ? fail("down") : undefined, 121_000);
      expect(slow.db.snapshot().flapping).toBe(false);
    }
  });

  it("gets worse at once, and better only after five clean minutes", async () => {
    const { db, clock, turn, flap } = await flappable();
    await flap();
    expect(db.status).toBe("healthy");
    await turn(fail("down"), 2_000);
    expect(db.status).toBe("unhealthy");
    await turn(undefined, 200_000);
    expect(db.status).toBe("unhealthy");
    // A single failure begins the five minutes anew.
    await turn(fail("down"), 2_000);
    await turn(undefined, 1_000);
    const clean = clock.now();
    while (db.status === "unhealthy") await clock.advance(1_000);
    const held = clock.now() - clean;
    expect(held).toBeGreaterThanOrEqual(297_000);
    expect(held).toBeLessThanOrEqual(301_000);
    expect(db.snapshot()).toMatchObject({ status: "healthy", flapping: false });
    await turn(fail("down"), 2_000);
    await turn(undefined, 2_000);
    expect(db.status).toBe("healthy");
  });

  it("is told of at each end, in one incident", async () => {
    const { sdk, turn, flap, events, db } = await flappable();
    await flap();
    await turn(fail("down"), 2_000);
    expect(
      events().map(({ severityNumber, body, attributes }) => [
        severityNumber,
        body,
        attributes["health.check.flapping"],
      ]),
    ).toEqual([[13, "db keeps changing", true]]);
    const { incidentId } = db.snapshot();
    await turn(undefined, 100_000);
    await turn(fail("down"), 2_000);
    expect(db.snapshot().incidentId).toBe(incidentId);
    await turn(undefined, 302_000);
    expect(events().map(({ severityNumber, body }) => [severityNumber, body])).toEqual([
      [13, "db keeps changing"],
      [9, "db is calm again"],
    ]);
    expect(sdk.spansOf("health.outage").at(-1)?.attributes["health.incident.id"]).toBe(incidentId);
  });

  it("says so in the report, and until when it is held", async () => {
    const { health, clock, turn, flap } = await flappable();
    expect(health.report("readiness").checks?.["db"]).not.toHaveProperty("flapping");
    await flap();
    await turn(fail("down"), 2_000);
    expect(health.report("readiness")).toMatchObject({
      message: expect.stringMatching(/^db is unhealthy since \S+ \(flapping\)$/),
      checks: { db: { flapping: true, message: "down" } },
    });
    await turn(undefined, 5_000);
    const { message } = health.report("readiness").checks!["db"]!;
    const [, until = ""] = /^answers well, held while it flaps: until (\S+) if nothing fails$/.exec(message!) ?? [];
    // Until then no run can change the verdict for the better.
    expect(health.report("readiness").nextCheckAt).toBe(until);
    const retryAfter = Number(health.respond({ method: "GET", url: "/readyz" })?.headers["Retry-After"]);
    expect(retryAfter).toBeGreaterThan(290);
    const remaining = Date.parse(until) - clock.wallTime();
    await clock.advance(remaining - 1);
    expect(health.checks.db.status).toBe("unhealthy");
    await clock.advance(1);
    expect(health.checks.db.status).toBe("healthy");
  });

  it("is degraded after five minutes of warnings", async () => {
    const { db, turn, flap } = await flappable();
    await flap();
    await turn(fail("down"), 2_000);
    await turn(warn("slow"), 290_000);
    expect(db.status).toBe("unhealthy");
    await turn(warn("slow"), 12_000);
    expect(db.snapshot()).toMatchObject({ status: "degraded", flapping: true });
  });

  it("is calm when its trouble has become steady, and then gets better as ever", async () => {
    const { db, turn, flap, events } = await flappable();
    await flap();
    await turn(fail("down"), 599_000);
    expect(db.snapshot().flapping).toBe(true);
    await turn(fail("down"), 3_000);
    expect(db.snapshot()).toMatchObject({ status: "unhealthy", flapping: false });
    expect(events()).toHaveLength(2);
    await turn(undefined, 2_000);
    expect(db.status).toBe("healthy");
  });

  it("never fails liveness for what is over, while readiness waits", async () => {
    const clock = new FakeClock();
    let value = 0;
    const health = createHealth({
      clock,
      checks: {
        loop: threshold(() => value, {
          failAbove: 10,
          probes: ["liveness", "readiness"],
          intervalMs: 1_000,
          jitter: 0,
          failureThreshold: 1,
          gracePeriodMs: 0,
          backoff: { initialMs: 1_000, factor: 1 },
        }),
      },
    });
    await health.start();
    await clock.advance(1_000);
    for (let changes = 0; changes < 7; changes++) {
      value = changes % 2 === 0 ? 20 : 0;
      await clock.advance(5_000);
    }
    const statuses = () => [health.report("liveness").status, health.report("readiness").status];
    expect(statuses()).toEqual(["unhealthy", "unhealthy"]);
    value = 0;
    await clock.advance(2_000);
    expect(health.checks.loop.status).toBe("unhealthy");
    expect(statuses()).toEqual(["degraded", "unhealthy"]);
    expect(health.respond({ method: "GET", url: "/livez" })?.status).toBe(200);
    value = 20;
    await clock.advance(2_000);
    expect(statuses()).toEqual(["unhealthy", "unhealthy"]);
    value = 0;
    await clock.advance(302_000);
    expect(statuses()).toEqual(["healthy", "healthy"]);
  });

  it("is no check that someone decides", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { told: push(), sales: gate() } });
    await health.start();
    const { told, sales } = health.checks;
    for (let turns = 0; turns < 10; turns++) {
      told.fail("down");
      sales.close();
      told.pass();
      sales.open();
    }
    expect([told.snapshot(), sales.snapshot()]).toMatchObject([
      { status: "healthy", flapping: false },
      { status: "healthy", flapping: false },
    ]);
  });
});
