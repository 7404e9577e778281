import {
  createHealth,
  fail,
  HealthError,
  type HealthErrorCode,
  healthErrorCodes,
  isHealthError,
  sharedHealth,
} from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it, onTestFinished } from "vitest";

const noop = () => {};

function create(options: object = {}) {
  return createHealth({ clock: new FakeClock(), ...options });
}

/** The shortest way to each error. */
const ways: { readonly [C in HealthErrorCode]: () => unknown } = {
  invalid_option: () => create({ concurrency: 0 }),
  contradictory_options: () => create().drain({ deadlineMs: 1 }),
  invalid_name: () => create({ checks: { A: noop } }),
  duplicate_name: () => create({ checks: { a: noop }, startup: { a: noop } }),
  unknown_check: () => create({ probes: { readiness: { checks: ["a"] } } }),
  external_in_liveness: () => create({ checks: { a: { run: noop, probes: ["liveness"] } } }),
  startup_cycle: () => create({ startup: { a: { run: noop, after: ["a"] } } }),
  dependency_cycle: () => create({ checks: { a: { run: noop, dependsOn: ["a"] } } }),
  too_many_names: () => create({ maxCheckNames: 1, checks: { a: noop, b: noop } }),
  startup_failed: () => create({ startup: { a: () => fail("wrong database", { fault: "fatal" }) } }).start(),
  startup_aborted: () => {
    const health = create({ startup: { a: () => new Promise(noop) } });
    const started = health.start();
    void health.drain({ delayMs: 0 });
    return started;
  },
  incompatible_version: () => {
    const registry = Symbol.for("otel-health.shared");
    const shared = { health: create(), version: "0.0.1" };
    Object.assign(globalThis, { [registry]: new Map([["orders", shared]]) });
    onTestFinished(() => void Reflect.deleteProperty(globalThis, registry));
    sharedHealth("orders");
  },
  stopped: async () => {
    const health = create();
    await health.stop();
    health.register("a", noop);
  },
};

describe("healthErrorCodes", () => {
  it.each(Object.keys(healthErrorCodes) as HealthErrorCode[])("%s is thrown", async (code) => {
    const thrown = await (async () => ways[code]())().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(HealthError);
    expect(isHealthError(thrown) && thrown.code).toBe(code);
  });

  it("says in a sentence what each means", () => {
    for (const meaning of Object.values(healthErrorCodes)) expect(meaning).toMatch(/^[A-Z].*\.$/);
  });

  it.each<[HealthErrorCode, () => unknown, string]>([
    ["startup_failed", ways.startup_failed, "startup failed: a: wrong database; mend it and start the process again"],
    ["startup_aborted", ways.startup_aborted, "the process was drained or stopped before startup had finished"],
    ["stopped", ways.stopped, 'the health object was stopped and cannot register the check "a"; make a new one'],
    [
      "stopped",
      async () => {
        const health = create();
        await health.stop();
        await health.start();
      },
      "start() was called after drain() or stop(); make a new health object instead",
    ],
  ])("%s tells what to do", async (code, way, message) => {
    const thrown = await (async () => way())().catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name: "HealthError", code, message });
  });
});

describe("isHealthError", () => {
  it("knows a HealthError, also one of another copy of the package", () => {
    const foreign = Object.assign(new Error("x"), { name: "HealthError", code: "invalid_option" });
    expect(isHealthError(new HealthError("stopped", "x", { cause: 5 }))).toBe(true);
    expect(new HealthError("stopped", "x", { cause: 5 }).cause).toBe(5);
    expect(isHealthError(foreign)).toBe(true);
  });

  it.each([
    undefined,
    null,
    "HealthError",
    new Error("x"),
    Object.assign(new Error("x"), { name: "HealthError" }),
    Object.assign(new Error("x"), { name: "HealthError", code: 5 }),
    { name: "HealthError", code: "stopped", message: "x" },
  ])("does not take %o for one", (value) => {
    expect(isHealthError(value)).toBe(false);
  });
});
