import { createHealth, fail, gate, push, warn } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { create, errorOf } from "../options/refusal.ts";

const get = (url: string) => ({ method: "GET", url });
const noop = () => {};

async function service() {
  const clock = new FakeClock();
  const health = createHealth({
    clock,
    checks: { card: push(), paypal: push({ critical: false }), ledger: push(), sales: gate() },
    groups: {
      payments: { checks: ["card", "paypal"], aggregate: "any" },
      books: { checks: ["ledger"], path: "/books", detail: "status" },
      shop: {
        checks: ["sales", "card"],
        statusCodes: { healthy: 204, degraded: 429, unhealthy: 500 },
      },
    },
  });
  const { card, paypal, ledger } = health.checks;
  for (const check of [card, paypal, ledger]) check.pass();
  await health.start();
  return { clock, health, ...health.checks };
}

describe("a group", () => {
  it("has the verdict of its checks by its own aggregator", async () => {
    const { health, card, paypal } = await service();
    expect(health.snapshot().probes["payments"]?.status).toBe("healthy");
    card.fail("declined");
    expect(health.snapshot().probes["payments"]?.status).toBe("degraded");
    expect(health.snapshot().probes.readiness.status).toBe("unhealthy");
    paypal.fail("declined");
    expect(health.snapshot().probes["payments"]?.status).toBe("unhealthy");
    expect(health.snapshot().probes["books"]?.status).toBe("healthy");
  });

  it("is served at its path, as fully and with the codes that it says", async () => {
    const { health, card, ledger } = await service();
    expect(JSON.parse(health.respond(get("/groupz/payments"))!.body)).toEqual({
      status: "healthy",
      timestamp: "2026-11-22T13:00:00.000Z",
      message: "all 2 checks are healthy",
      lifecycle: "ready",
      checks: {
        card: { status: "healthy", ok: true, checkedAt: "2026-11-22T13:00:00.000Z" },
        paypal: { status: "healthy", ok: true, checkedAt: "2026-11-22T13:00:00.000Z" },
      },
    });
    expect(JSON.parse(health.respond(get("/books"))!.body)).toEqual({
      status: "healthy",
      timestamp: "2026-11-22T13:00:00.000Z",
    });
    expect(health.respond(get("/groupz/books"))).toBeUndefined();
    expect(health.respond(get("/groupz/shop"))!.status).toBe(204);
    card.warn("slow");
    expect(health.respond(get("/groupz/shop"))!.status).toBe(429);
    card.fail("declined");
    expect(health.respond(get("/groupz/shop"))!.status).toBe(500);
    ledger.fail("gone");
    expect(health.respond(get("/books"))!.status).toBe(503);
  });

  it("follows what endpoints say of it by name before what it says itself, and that before what they say of all", async () => {
    const { health } = await service();
    const all = health.endpoints({
      prefix: "/all",
      detail: "full",
      statusCodes: { healthy: 201, degraded: 202, unhealthy: 503 },
    });
    const status = (url: string) => all.respond(get(url))?.status;
    expect([status("/all/readyz"), status("/all/books"), status("/all/groupz/shop")]).toEqual([201, 201, 204]);
    expect(Object.keys(JSON.parse(all.respond(get("/all/books"))!.body))).toEqual(["status", "timestamp"]);
    expect(JSON.parse(all.respond(get("/all/groupz/payments"))!.body)).toHaveProperty("nextCheckAt");

    const named = health.endpoints({
      paths: { books: ["/b"], shop: [] },
      detail: { books: "summary", payments: "status" },
      statusCodes: { books: { healthy: 203, degraded: 203, unhealthy: 503 } },
    });
    expect(named.respond(get("/b"))?.status).toBe(203);
    expect(JSON.parse(named.respond(get("/b"))!.body)).toHaveProperty("checks");
    expect(Object.keys(JSON.parse(named.respond(get("/groupz/payments"))!.body))).toEqual(["status", "timestamp"]);
    expect(named.respond(get("/groupz/shop"))).toBeUndefined();
  });

  it("answers for its checks, whatever the process's life, until that is beyond repair", async () => {
    const health = create({
      checks: { card: push({ probes: ["readiness"] }) },
      groups: { payments: { checks: ["card"], path: "/payments" } },
    });
    const status = () => health.respond(get("/payments"))!.status;
    expect(status()).toBe(503);
    expect(health.report("payments").message).toBe("card is unknown since 2026-11-22T13:00:00Z");
    (health.checks as unknown as { card: { pass(): void } }).card.pass();
    expect(status()).toBe(200);
    await health.start();
    await health.drain({ delayMs: 0 });
    expect(health.respond(get("/readyz"))!.status).toBe(503);
    expect(status()).toBe(200);
    expect(health.report("payments").message).toBe("1 check is healthy");
    health.fatal("heap is corrupt");
    expect(status()).toBe(503);
    expect(health.report("payments").message).toBe("fatal since 2026-11-22T13:00:00Z: heap is corrupt");
  });

  it("counts a gate as the check that it is", async () => {
    const { health, sales, card } = await service();
    sales.close("sold out");
    expect(health.report("shop")).toMatchObject({
      status: "unhealthy",
      message: "sales is closed since 2026-11-22T13:00:00Z",
    });
    expect(health.respond(get("/groupz/payments"))!.status).toBe(200);
    sales.open();
    card.pass();
    expect(health.report("shop").status).toBe("healthy");
  });

  it("knows a check again that was removed and registered anew", async () => {
    const { health, ledger } = await service();
    await ledger.unregister();
    expect(health.report("books")).toMatchObject({ status: "healthy", message: "healthy, without checks" });
    const again = health.register("ledger", push());
    again.fail("gone");
    expect(health.report("books").status).toBe("unhealthy");
  });

  it("is told of like the other probes", async () => {
    const { health, card, paypal } = await service();
    const heard: string[] = [];
    health.on("transition", (transition) => {
      if (transition.type === "probe")
        heard.push(`${transition.probe} ${transition.state} ${transition.checks.join()}`);
    });
    card.warn("slow");
    paypal.fail("gone");
    expect(heard).toEqual([
      "readiness degraded card",
      "serving degraded card",
      "payments degraded card",
      "shop degraded card",
    ]);
  });

  it("leaves a check that counts for liveness alone as strict as it is", async () => {
    const clock = new FakeClock();
    const health = createHealth({
      clock,
      checks: { loop: { run: () => fail("wedged"), external: false, probes: ["liveness"] } },
      groups: { process: { checks: ["loop"] } },
    });
    await health.start();
    await clock.advance(1);
    expect(health.report("liveness").status).toBe("unhealthy");
    expect(health.report("process").status).toBe("unhealthy");
  });

  it("may have checks that look beyond the process", async () => {
    const clock = new FakeClock();
    const health = createHealth({
      clock,
      checks: { db: { run: () => warn("slow"), external: true } },
      groups: { data: { checks: ["db"] } },
    });
    await health.start();
    await clock.advance(1);
    expect(health.report("data").status).toBe("degraded");
  });

  it.each([
    ["a name that is none", { "a b": { checks: ["db"] } }, "invalid_name", /^a group is named by/],
    ["the name of a probe", { readiness: { checks: ["db"] } }, "invalid_name", /^a group cannot be named "readiness"/],
    ["the name of a verdict", { healthy: { checks: ["db"] } }, "invalid_name", /^a group cannot be named "healthy"/],
    ["no checks", { data: {} }, "invalid_option", /^checks of group "data" must be .* got undefined/],
    [
      "an empty list of checks",
      { data: { checks: [] } },
      "invalid_option",
      /^checks of group "data" must be .* got \[\]/,
    ],
    [
      "a check that does not exist",
      { data: { checks: ["dbb"] } },
      "unknown_check",
      /^group "data" names the check "dbb".*are: db$/,
    ],
    ["a startup task", { data: { checks: ["migrate"] } }, "unknown_check", /^group "data" names the check "migrate"/],
    [
      "a quorum that cannot be",
      { data: { checks: ["db"], aggregate: { quorum: 2 } } },
      "contradictory_options",
      /quorum of 2/,
    ],
    [
      "the path of a probe",
      { data: { checks: ["db"], path: "/readyz" } },
      "contradictory_options",
      /is given to readiness and to data/,
    ],
  ])("is refused with %s", async (_, groups, code, message) => {
    const error = await errorOf(() => create({ checks: { db: noop }, startup: { migrate: noop }, groups }));
    expect(error).toEqual({ code, message: expect.stringMatching(message) });
  });
});
