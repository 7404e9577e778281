import { createHealth, threshold } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { collectDiag } from "./diag-lines.ts";
import { untouchable } from "./hostile-thrown.ts";

function refuse(): never {
  throw new Error("no");
}

describe("a threshold's value", () => {
  it.each<[string, () => unknown, string]>([
    ["is no number", () => "5", "the value is not a number: string"],
    ["is missing", () => undefined, "the value is not a number: undefined"],
    ["is NaN", () => Number.NaN, "the value is not a number: number"],
    ["is a BigInt", () => 5n, "the value is not a number: bigint"],
    ["is an object that counts as one", () => ({ valueOf: () => 0 }), "the value is not a number: object"],
    ["is what nobody can look at", () => untouchable(), "the value is not a number: object"],
    ["is a promise", async () => 0, "the value is not a number: object"],
    ["is a promise that rejects", () => Promise.reject(new Error("no")), "the value is not a number: object"],
    ["throws", refuse, "no"],
    ["is out of bounds for ever", () => Number.POSITIVE_INFINITY, "Infinity is above 1"],
  ])("that %s fails the check", async (_, value, message) => {
    collectDiag();
    const clock = new FakeClock();
    const health = createHealth({
      clock,
      checks: { level: threshold(value as () => number, { failAbove: 1, failureThreshold: 1, gracePeriodMs: 0 }) },
    });
    void health.start();
    await clock.advance(0);
    expect(health.checks.level.snapshot()).toMatchObject({ status: "unhealthy", message });
    expect(health.respond({ method: "GET", url: "/readyz" })?.status).toBe(503);
    await health.stop();
  });
});
