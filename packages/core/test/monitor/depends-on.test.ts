import { type CheckTransition, createHealth, fail, type Outcome, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { errorOf } from "../options/refusal.ts";
import { TestSdk } from "../telemetry/test-sdk.ts";

const noop = () => {};

/** network ← postgres ← orders, all told; and what was announced. */
async function told() {
  const clock = new FakeClock();
  const health = createHealth({
    clock,
    checks: {
      orders: push({ dependsOn: ["postgres"] }),
      postgres: push({ dependsOn: ["network"] }),
      network: push(),
      disk: push(),
    },
  });
  const sdk = new TestSdk().giveTo(health);
  const heard: CheckTransition[] = [];
  await health.start();
  const { orders, postgres, network, disk } = health.checks;
  for (const check of [orders, postgres, network, disk]) check.pass();
  health.on("transition", (transition) => {
    if (transition.type === "check") heard.push(transition);
  });
  const causes = () =>
    Object.fromEntries(Object.values(health.snapshot().checks).map(({ name, causedBy }) => [name, causedBy]));
  return { clock, health, sdk, heard, orders, postgres, network, disk, causes };
}

describe("dependsOn", () => {
  it("names the root cause in snapshot, report, event and span, and changes no state", async () => {
    const { health, sdk, heard, orders, postgres, network, causes } = await told();
    network.fail("unreachable");
    postgres.fail("timeout");
    orders.fail("no database");
    expect(causes()).toEqual({ orders: "network", postgres: "network", network: null, disk: null });
    const { checks, message } = health.report("readiness");
    expect(checks?.["orders"]).toMatchObject({ status: "unhealthy", causedBy: "network" });
    expect(checks?.["network"]).not.toHaveProperty("causedBy");
    const since = "since 2026-11-22T13:00:00Z";
    expect(message).toBe(
      `network is unhealthy ${since}, orders is unhealthy ${since}, because of network, postgres is unhealthy ${since}, because of network`,
    );
    expect(heard.map(({ name, causedBy }) => [name, causedBy])).toEqual([
      ["network", null],
      ["postgres", "network"],
      ["orders", "network"],
    ]);
    const attribute = "health.check.caused_by";
    expect(sdk.logs.filter(({ attributes }) => attributes[attribute] === "network")).toHaveLength(2);
    expect(sdk.spansOf("health.transition orders").at(-1)?.attributes[attribute]).toBe("network");
    expect(sdk.spansOf("health.transition network").at(-1)?.attributes).not.toHaveProperty(attribute);
  });

  it("is attributed to one who failed later too, and no longer when that is well", async () => {
    const { health, orders, postgres, network, causes } = await told();
    orders.fail("no database");
    expect(causes()["orders"]).toBeNull();
    const before = health.checks.orders.snapshot();
    postgres.fail("timeout");
    expect(causes()["orders"]).toBe("postgres");
    expect(before.causedBy).toBeNull();
    network.fail("unreachable");
    expect(causes()).toMatchObject({ orders: "network", postgres: "network" });
    network.warn("slow");
    expect(causes()).toMatchObject({ orders: "postgres", postgres: null });
    postgres.pass();
    expect(causes()["orders"]).toBeNull();
    await network.unregister();
    expect(health.checks.orders.status).toBe("unhealthy");
  });

  it("keeps the same snapshot objects of checks that nothing happened to", async () => {
    const { health, network, disk } = await told();
    const before = health.checks.disk.snapshot();
    network.fail("unreachable");
    expect(health.checks.disk.snapshot()).toBe(before);
    disk.fail("full");
    expect(health.checks.disk.snapshot()).not.toBe(before);
  });

  it("blames nothing for a check that is well or not yet known", async () => {
    const { health, network, causes } = await told();
    const late = health.register("late", push({ dependsOn: ["network"] }));
    network.fail("unreachable");
    expect(causes()).toMatchObject({ late: null, postgres: null });
    late.warn("slow");
    expect(causes()["late"]).toBe("network");
  });

  it("is a metric of the checks that depend on others, 1 while one of those is to blame", async () => {
    const { sdk, orders, network } = await told();
    const attributed = async () => (await sdk.read()).values("health.check.attributed");
    expect(await attributed()).toEqual({ orders: 0, postgres: 0 });
    network.fail("unreachable");
    orders.fail("no database");
    expect(await attributed()).toEqual({ orders: 1, postgres: 0 });
    await orders.unregister();
    expect(await attributed()).toEqual({ orders: 0, postgres: 0 });
  });

  it("counts a check that was removed as absent until it is back", async () => {
    const { health, orders, network, causes } = await told();
    orders.fail("no database");
    network.fail("unreachable");
    expect(causes()["orders"]).toBe("network");
    await network.unregister();
    expect(causes()["orders"]).toBeNull();
    const again = health.register("network", push());
    again.fail("unreachable");
    expect(causes()["orders"]).toBe("network");
  });

  it.each([
    ["itself", { a: { run: noop, dependsOn: ["a"] } }, "dependency_cycle", "a on a"],
    [
      "a check that depends on it",
      { a: { run: noop, dependsOn: ["b"] }, b: { run: noop, dependsOn: ["a"] } },
      "dependency_cycle",
      "b on a on b",
    ],
    [
      "a check of a cycle by way of others",
      { a: { run: noop, dependsOn: ["b"] }, b: { run: noop, dependsOn: ["c"] }, c: { run: noop, dependsOn: ["a"] } },
      "dependency_cycle",
      "c on a on b on c",
    ],
    [
      "a check that does not exist",
      { a: { run: noop, dependsOn: ["b"] } },
      "unknown_check",
      'check "a" depends on "b", which is no check',
    ],
  ])("is refused for %s", async (_, checks, code, message) => {
    expect(await errorOf(() => createHealth({ clock: new FakeClock(), checks }))).toEqual({
      code,
      message: expect.stringContaining(message),
    });
  });

  it("is refused at registration for what is not there, and for a cycle that a check closes which comes back", async () => {
    const { health, network } = await told();
    expect(await errorOf(() => health.register("late", { run: noop, dependsOn: ["later"] }))).toMatchObject({
      code: "unknown_check",
    });
    health.register("later", { run: noop, dependsOn: ["disk"] });
    await network.unregister();
    expect(await errorOf(() => health.register("network", push({ dependsOn: ["orders"] })))).toMatchObject({
      code: "dependency_cycle",
      message: expect.stringContaining("network on orders on postgres on network"),
    });
    // Refused as a whole: the name is free.
    health.register("network", push());
    expect(await errorOf(() => health.register("late", { run: noop, dependsOn: ["network"] }))).toBeUndefined();
  });
});

/** A database that is asked by itself and by what depends on it; `network` answers when it is told to. */
async function running(timeoutMs = 2_000) {
  const clock = new FakeClock();
  const answers: ((outcome: Outcome | undefined) => void)[] = [];
  let hangs = false;
  const health = createHealth({
    clock,
    checks: {
      orders: push({ dependsOn: ["network"] }),
      network: {
        timeoutMs,
        jitter: 0,
        failureThreshold: 1,
        gracePeriodMs: 0,
        run: () => (hangs ? new Promise<Outcome | undefined>((answer) => answers.push(answer)) : undefined),
      },
    },
  });
  const sdk = new TestSdk().giveTo(health);
  await health.start();
  await clock.advance(0);
  health.checks.orders.pass();
  const heard: string[] = [];
  health.on("transition", (transition) => {
    if (transition.type === "probe") heard.push(`${transition.probe} ${transition.state}`);
    else
      heard.push(
        `${transition.name} ${transition.state} ${transition.causedBy ?? "-"} ${transition.timestamp.getTime() - Date.UTC(2026, 10, 22, 13)}`,
      );
  });
  hangs = true;
  while (answers.length === 0) await clock.advance(100);
  return { clock, health, sdk, answers, heard, orders: health.checks.orders, at: clock.now() };
}

describe("the event of a dependent", () => {
  it("waits for the run of what it depends on, and then names it", async () => {
    const { clock, health, sdk, answers, heard, orders, at } = await running();
    orders.fail("no database");
    // Everything but what is said is there at once.
    expect(orders.status).toBe("unhealthy");
    expect(health.respond({ method: "GET", url: "/readyz" })?.status).toBe(503);
    expect(sdk.spansOf("health.transition orders").at(-1)?.attributes["health.state"]).toBe("unhealthy");
    expect((await sdk.read()).values("health.check.transitions")["orders unhealthy healthy"]).toBe(1);
    expect(heard).toEqual(["readiness unhealthy", "serving unhealthy"]);
    await clock.advance(500);
    answers[0]!(fail("unreachable"));
    await clock.advance(0);
    expect(heard.slice(2)).toEqual([`network unhealthy - ${at + 500}`, `orders unhealthy network ${at}`]);
    const events = sdk.logs.filter(({ eventName }) => eventName === "health.check.transition");
    expect(events.at(-1)?.attributes).toMatchObject({
      "health.check.name": "orders",
      "health.check.caused_by": "network",
    });
  });

  it("names nobody where that run is well", async () => {
    const { clock, answers, heard, orders, at } = await running();
    orders.fail("no database");
    answers[0]!(undefined);
    await clock.advance(0);
    expect(heard.at(-1)).toBe(`orders unhealthy - ${at}`);
  });

  it("waits no longer than that run may take", async () => {
    const { clock, heard, orders, at } = await running(700);
    await clock.advance(100);
    orders.fail("no database");
    await clock.advance(599);
    expect(heard).toEqual(["readiness unhealthy", "serving unhealthy"]);
    await clock.advance(1);
    expect(heard.slice(2)).toEqual([`network unhealthy - ${at + 700}`, `orders unhealthy network ${at + 100}`]);
  });

  it("is not overtaken by the next one of the same check", async () => {
    const { heard, orders, at } = await running();
    orders.fail("no database");
    orders.pass();
    expect(heard).toEqual([
      "readiness unhealthy",
      "serving unhealthy",
      `orders unhealthy - ${at}`,
      `orders healthy - ${at}`,
      "readiness healthy",
      "serving healthy",
    ]);
  });

  it.each(["drain", "stop", "unregister"] as const)("is told at once when the wait is cut by %s", async (how) => {
    const { health, heard, orders, at } = await running();
    orders.fail("no database");
    if (how === "drain") void health.drain({ delayMs: 0 });
    else if (how === "stop") void health.stop();
    else void orders.unregister();
    expect(heard).toContain(`orders unhealthy - ${at}`);
  });

  it("does not wait while draining, for a change for the better, or where nothing is under way", async () => {
    const { clock, health, answers, heard, orders, at } = await running();
    void health.drain({ delayMs: 0 });
    orders.fail("no database");
    expect(heard.at(-1)).toBe(`orders unhealthy - ${at}`);
    orders.pass();
    expect(heard.at(-1)).toBe(`orders healthy - ${at}`);
    const other = await running();
    other.answers[0]!(undefined);
    await other.clock.advance(0);
    other.orders.fail("no database");
    expect(other.heard).toContain(`orders unhealthy - ${other.at}`);
    answers[0]!(undefined);
    await clock.advance(0);
  });

  it("leaves no timer behind", async () => {
    const { clock, answers, orders } = await running();
    const armed = clock.armed;
    orders.fail("no database");
    answers[0]!(fail("unreachable"));
    await clock.advance(0);
    expect(clock.armed).toBe(armed);
  });
});
