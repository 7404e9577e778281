import { createHealth, type Health, HealthError, heartbeat, push, sharedHealth } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest";

/** What every copy finds: the shape is a contract between versions. */
const registry = Symbol.for("otel-health.shared");
type Registry = Map<string, { readonly version: string; readonly health: Health }>;
const shared = () => (globalThis as { [registry]?: Registry })[registry];

afterEach(() => {
  delete (globalThis as { [registry]?: Registry })[registry];
});

/** Another copy of the module; `test/packed` has two of the whole package, as they are published. */
async function copy(name: string): Promise<Pick<typeof import("@otel-health/core"), "sharedHealth">> {
  return await import(new URL(`../src/shared-health.ts?${name}`, import.meta.url).href);
}

const options = () => ({ clock: new FakeClock(), checks: { worker: push({ staleAfterMs: 60_000 }) } });

describe("sharedHealth", () => {
  it("keeps nothing until it is called", async () => {
    await copy("untouched");
    expect(shared()).toBeUndefined();
  });

  it("makes a health object as createHealth does, with its types", () => {
    const health = sharedHealth("orders", { checks: { outbox: heartbeat({ maxAgeMs: 1_000 }), ping: () => {} } });
    health.checks.outbox.beat();
    expect(health.checks.outbox.beats).toBe(1);
    expectTypeOf(health.checks).toEqualTypeOf(
      createHealth({ checks: { outbox: heartbeat({ maxAgeMs: 1_000 }), ping: () => {} } }).checks,
    );
    expectTypeOf(sharedHealth("made", options).checks.worker.pass).toBeFunction();
    expect(sharedHealth("plain").snapshot().lifecycle).toBe("starting");
  });

  it("gives every copy of the package the same one, whose checks any of them sets", async () => {
    const [first, second] = [await copy("instrumentation"), await copy("route")];
    expect(first.sharedHealth).not.toBe(second.sharedHealth);
    const mine = first.sharedHealth("orders", options);
    const yours = second.sharedHealth("orders", options);
    expect(yours).toBe(mine);
    await mine.start();
    yours.checks.worker.fail("lost");
    expect(mine.report("readiness").checks?.["worker"]).toMatchObject({ message: "lost" });
    await mine.stop();
  });

  it("ignores the options of later calls, and does not call a function for them", () => {
    const make = vi.fn(options);
    const health = sharedHealth("orders", make);
    expect(sharedHealth("orders", make)).toBe(health);
    expect(sharedHealth("orders", { maxCheckNames: 0 })).toBe(health);
    expect(make).toHaveBeenCalledOnce();
  });

  it("has one for each key", () => {
    expect(sharedHealth("orders")).not.toBe(sharedHealth("billing"));
    expect(sharedHealth("__proto__")).toBe(sharedHealth("__proto__"));
  });

  it("makes a new one once it was stopped, and not while it drains", async () => {
    const clock = new FakeClock();
    const health = sharedHealth("orders", { clock });
    await health.start();
    const drained = health.drain({ delayMs: 1_000 });
    expect(sharedHealth("orders")).toBe(health);
    await clock.advance(1_000);
    await drained;
    const stopped = health.stop();
    const next = sharedHealth("orders");
    expect(next).not.toBe(health);
    expect(sharedHealth("orders")).toBe(next);
    await stopped;
  });

  it("keeps nothing where the options are refused, or a function throws", () => {
    expect(() => sharedHealth("orders", { maxCheckNames: 0 })).toThrow(/^maxCheckNames of/);
    const failing = () => {
      throw new Error("no configuration");
    };
    expect(() => sharedHealth("orders", failing)).toThrow("no configuration");
    expect(sharedHealth("orders", options).checks.worker.status).toBe("unknown");
  });

  it.each([[""], [undefined], [null], [7], [Symbol.iterator], [["orders"]]])("refuses %s as a key", (key) => {
    expect(() => sharedHealth(key as string)).toThrow(/^key of sharedHealth\(\) must be a non-empty string, got /);
  });

  it("takes what another release of the same line has made", () => {
    const health = createHealth();
    const [major, minor] = ownVersion();
    shared()?.set("orders", { version: `${major}.${minor}.99`, health });
    expect(sharedHealth("orders")).toBe(health);
  });

  it("refuses what another line has made, until that is stopped", async () => {
    const [major, minor, patch] = ownVersion();
    for (const version of [
      `${major}.${minor + 1}.0`,
      `${major + 1}.${minor}.${patch}`,
      `1${major}.${minor}.${patch}`,
    ]) {
      const health = createHealth();
      shared()?.set("orders", { version, health });
      const message = `sharedHealth("orders") was made by @otel-health/core ${version}, and this copy is ${major}.${minor}.${patch}; install one version of it`;
      expect(() => sharedHealth("orders")).toThrow(new HealthError("incompatible_version", message));
      await health.stop();
      expect(sharedHealth("orders").snapshot().lifecycle).toBe("starting");
    }
  });
});

/** Of this copy, as it tells others. While it begins with 0, the minor version is the line. */
function ownVersion(): readonly [number, number, number] {
  sharedHealth("billing");
  return (shared()?.get("billing")?.version.split(".").map(Number) ?? []) as [number, number, number];
}
