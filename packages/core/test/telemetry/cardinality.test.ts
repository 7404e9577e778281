import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { createHealth, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { collectDiag } from "../hostile/diag-lines.ts";
import { TestReader } from "./test-sdk.ts";

describe("error.type", () => {
  it("is one of a bounded set: the first 64 that are not the library's own, then _OTHER", () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { told: push() } });
    const seen: (string | null)[] = [];
    for (let i = 0; i < 70; i++) {
      health.checks.told.fail("down", { errorType: `E${i}` });
      seen.push(health.checks.told.snapshot().errorType);
    }
    expect(seen.slice(0, 64)).toEqual(Array.from({ length: 64 }, (_, i) => `E${i}`));
    expect(seen.slice(64)).toEqual(Array(6).fill("_OTHER"));
    for (const [errorType, expected] of [
      ["E3", "E3"],
      ["timeout", "timeout"],
      ["TypeError", "TypeError"],
      ["user 5 not found", "_OTHER"],
      ["x".repeat(51), "_OTHER"],
    ] as const) {
      health.checks.told.fail("down", { errorType });
      expect(health.checks.told.snapshot().errorType).toBe(expected);
    }
  });

  it("admits SQLSTATE codes, HTTP statuses and dotted names, and nothing that could be an id or a message", () => {
    const health = createHealth({ clock: new FakeClock(), checks: { told: push() } });
    const typeOf = (errorType: string) => {
      health.checks.told.fail("down", { errorType });
      return health.checks.told.snapshot().errorType;
    };
    for (const good of ["28P01", "57014", "ER_ACCESS_DENIED", "grpc.UNAVAILABLE", "ECONNREFUSED", "503"])
      expect(typeOf(good)).toBe(good);
    for (const bad of ["", "4040", "600", "a b", "ünder", "a-b", "550e8400-e29b-41d4", "9lives", "x:y"])
      expect(typeOf(bad)).toBe("_OTHER");
  });
});

describe("many checks", () => {
  it("are warned of once, before an SDK folds their series into one", () => {
    const clock = new FakeClock();
    const lines = collectDiag();
    const health = createHealth({ clock });
    for (let i = 0; i < 499; i++) health.register(`check-${i}`, push());
    expect(lines).toEqual([]);
    for (let i = 499; i < 600; i++) health.register(`check-${i}`, push());
    expect(lines).toEqual([
      [
        "warn",
        'otel-health: 500 checks make 2000 series of health.check.status, and an SDK folds what is beyond 2000 into one; give the SDK the view { instrumentName: "health.check.*", aggregationCardinalityLimit: 4000 }',
      ],
    ]);
  });

  it("keep their own series under the view that the warning names", async () => {
    const health = createHealth({ clock: new FakeClock() });
    const reader = new TestReader();
    health.instrumentation.setMeterProvider(
      new MeterProvider({
        readers: [reader],
        views: [{ instrumentName: "health.check.*", aggregationCardinalityLimit: 4_000 }],
      }),
    );
    collectDiag();
    for (let i = 0; i < 600; i++) health.register(`check-${i}`, push());
    const seen = (await reader.read()).values("health.check.status");
    expect(Object.keys(seen)).toHaveLength(2_400);
    expect(seen).toMatchObject({ "check-599 healthy": 0, "check-599 unknown": 1 });
  });
});
