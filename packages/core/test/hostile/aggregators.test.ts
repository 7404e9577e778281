import { type Aggregator, createHealth, push, type Votes } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { collectDiag } from "./diag-lines.ts";
import { revoked, untouchable } from "./hostile-thrown.ts";
import { thenable } from "./thenable.ts";

function refuse(): never {
  throw new Error("no");
}

/** A ready process with two passing checks, whose readiness is what the aggregator says. */
async function readyWith(aggregate: (votes: Votes) => unknown) {
  const clock = new FakeClock();
  const health = createHealth({
    clock,
    checks: { one: push(), two: push({ critical: false }) },
    probes: { readiness: { aggregate: aggregate as Aggregator } },
    endpoints: { detail: "full" },
  });
  health.checks.one.pass();
  health.checks.two.pass();
  await health.start();
  return health;
}

const statusOf = (health: Awaited<ReturnType<typeof readyWith>>, url: string) =>
  health.respond({ method: "GET", url })?.status;

describe("an aggregator", () => {
  it.each<[string, (votes: Votes) => unknown]>([
    ["throws", refuse],
    [
      "throws undefined",
      () => {
        throw undefined;
      },
    ],
    [
      "throws what nobody can look at",
      () => {
        throw untouchable();
      },
    ],
    ["returns nothing", () => undefined],
    ["returns true", () => true],
    ["returns 200", () => 200],
    ["returns a state that is no verdict", () => "unknown"],
    ["returns a verdict in capitals", () => "HEALTHY"],
    ["returns what reads like a verdict", () => ({ toString: () => "healthy" })],
    ["returns a symbol", () => Symbol("healthy")],
    ["returns an object without a prototype", () => Object.create(null)],
    ["returns a promise of a verdict", async () => "healthy"],
    ["returns a promise that rejects", () => Promise.reject(new Error("no"))],
    ["returns a thenable that throws", () => thenable(refuse)],
    ["returns what nobody can look at", () => untouchable()],
    ["returns a revoked proxy", revoked],
    [
      "never comes to an end",
      function forever(votes: Votes): unknown {
        return forever(votes);
      },
    ],
  ])("that %s makes its probe unhealthy, and no other", async (_, aggregate) => {
    const lines = collectDiag();
    const health = await readyWith(aggregate);
    await settle();
    expect(statusOf(health, "/readyz")).toBe(503);
    expect(JSON.parse(health.respond({ method: "GET", url: "/readyz" })?.body ?? "")).toMatchObject({
      status: "unhealthy",
      message: "unhealthy",
      checks: { one: { status: "healthy" }, two: { status: "healthy" } },
    });
    expect([statusOf(health, "/servez"), statusOf(health, "/livez")]).toEqual([200, 200]);
    expect(lines.map(([level, message]) => `${level} ${message}`)).toContain("error otel-health: an aggregator failed");
  });

  it("that changes its votes changes nothing but its own verdict", async () => {
    let vandalize = true;
    const health = await readyWith((votes) => {
      const unhealthy = votes.critical.unhealthy + votes.optional.unhealthy;
      const all = votes.all();
      if (vandalize) {
        for (const counts of [votes.critical, votes.optional])
          for (const key of Object.keys(counts)) Reflect.set(counts, key, 100);
        for (const vote of all) Reflect.set(vote, "status", "unhealthy");
        Reflect.set(all, "length", 0);
        for (const key of Object.keys(votes)) Reflect.deleteProperty(votes, key);
      }
      return unhealthy > 0 ? "unhealthy" : "healthy";
    });
    health.checks.one.fail("down");
    expect(statusOf(health, "/readyz")).toBe(503);
    health.checks.one.pass();
    expect(statusOf(health, "/readyz")).toBe(200);

    vandalize = false;
    const seen: unknown[] = [];
    const honest = await readyWith((votes) => {
      seen.push({ critical: { ...votes.critical }, optional: { ...votes.optional }, all: votes.all() });
      return "healthy";
    });
    honest.checks.two.fail("down");
    expect(seen.at(-1)).toEqual({
      critical: { healthy: 1, degraded: 0, unhealthy: 0 },
      optional: { healthy: 0, degraded: 0, unhealthy: 1 },
      all: [
        { name: "one", critical: true, status: "healthy" },
        { name: "two", critical: false, status: "unhealthy" },
      ],
    });
    expect(honest.snapshot().checks).toMatchObject({ one: { status: "healthy" }, two: { status: "unhealthy" } });
  });

  it("that keeps its votes sees in them later what was then", async () => {
    const kept: { votes: Votes; critical: object }[] = [];
    const health = await readyWith((votes) => {
      kept.push({ votes, critical: { ...votes.critical } });
      return "healthy";
    });
    health.checks.one.fail("down");
    health.checks.one.pass();
    expect(new Set(kept.map(({ critical }) => JSON.stringify(critical))).size).toBeGreaterThan(1);
    for (const { votes, critical } of kept) expect(votes.critical).toEqual(critical);
  });
});
