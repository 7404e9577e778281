import { Server } from "@grpc/grpc-js";
import { FakeClock, settle } from "@otel-health/core/testing";
import { addHealthService, createHealth, gate, type Health, type HealthService, push } from "@otel-health/grpc";
import { until } from "@otel-health/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { codeOf, releases, serving } from "./serving.ts";

const checks = () => ({
  postgres: push(),
  cache: push({ critical: false }),
  stuck: push({ probes: ["liveness"] }),
  maintenance: gate(),
});

async function started() {
  const health = createHealth({
    clock: new FakeClock(),
    checks: checks(),
    // A push check is in-process, and would count there.
    probes: { serving: { checks: ["cache"] } },
    groups: { storage: { checks: ["postgres", "cache"] } },
  });
  onTestFinished(() => health.stop());
  await health.start();
  health.checks.postgres.pass();
  health.checks.cache.pass();
  health.checks.stuck.pass();
  return health;
}

describe.each(releases)("addHealthService of @grpc/grpc-js %s", (_release, grpc) => {
  const served = async (health: Health, options?: Parameters<typeof addHealthService>[2]) => {
    const made: { service?: HealthService } = {};
    const some = await serving((server) => {
      made.service = addHealthService(server, health, options);
    }, grpc);
    return { ...some, service: made.service as HealthService };
  };

  it("answers Check for the whole server and for each probe", async () => {
    const health = await started();
    await using server = await served(health);
    const all = async () =>
      Object.fromEntries(
        await Promise.all(
          ["", "readiness", "serving", "startup", "liveness"].map(async (name) => [name, await server.check(name)]),
        ),
      );
    const serves = { "": "SERVING", readiness: "SERVING", serving: "SERVING", startup: "SERVING", liveness: "SERVING" };
    expect(await all()).toEqual(serves);
    health.checks.cache.fail("gone");
    expect(health.snapshot().probes.readiness.status).toBe("degraded");
    expect(await all()).toEqual(serves);
    health.checks.postgres.fail("gone");
    expect(await all()).toEqual({ ...serves, "": "NOT_SERVING", readiness: "NOT_SERVING" });
    health.fatal("beyond repair");
    expect(await all()).toEqual({
      "": "NOT_SERVING",
      readiness: "NOT_SERVING",
      serving: "NOT_SERVING",
      startup: "SERVING",
      liveness: "NOT_SERVING",
    });
  });

  it("does not serve before the start and after the drain began", async () => {
    const health = createHealth({ clock: new FakeClock() });
    await using server = await served(health);
    expect([await server.check(), await server.check("liveness")]).toEqual(["NOT_SERVING", "SERVING"]);
    await health.start();
    expect(await server.check()).toBe("SERVING");
    void health.drain();
    expect([await server.check(), await server.check("liveness")]).toEqual(["NOT_SERVING", "SERVING"]);
    await health.stop();
  });

  it("maps services to probes, groups and sets of checks, which gates and the lifecycle rule too", async () => {
    const health = await started();
    await using server = await served(health, {
      services: {
        "": "serving",
        "orders.v1.Orders": "readiness",
        "orders.v1.Storage": "storage",
        "orders.v1.Prices": { checks: ["cache"] },
      },
    });
    const all = () =>
      Promise.all(["", "orders.v1.Orders", "orders.v1.Storage", "orders.v1.Prices"].map((s) => server.check(s)));
    expect(await all()).toEqual(["SERVING", "SERVING", "SERVING", "SERVING"]);
    health.checks.postgres.fail("gone");
    expect(await all()).toEqual(["SERVING", "NOT_SERVING", "NOT_SERVING", "SERVING"]);
    health.checks.maintenance.close("upgrade");
    expect(await all()).toEqual(["NOT_SERVING", "NOT_SERVING", "NOT_SERVING", "NOT_SERVING"]);
    health.checks.maintenance.open();
    health.checks.postgres.pass();
    expect(await all()).toEqual(["SERVING", "SERVING", "SERVING", "SERVING"]);
    // Of what is not there any more nobody knows whether it could serve.
    await health.unregister("cache");
    expect(await server.check("orders.v1.Prices")).toBe("NOT_SERVING");
  });

  it("knows no other names: NOT_FOUND for Check, SERVICE_UNKNOWN for Watch, which goes on", async () => {
    const health = await started();
    await using server = await served(health, { services: { "orders.v1.Orders": "readiness" } });
    for (const name of ["liveness", "Orders", "constructor", "__proto__", "x".repeat(100_000)])
      expect(await server.check(name)).toBe("NOT_FOUND");
    const watching = server.watch("payments.v1.Payments");
    expect(await watching.until(1)).toEqual(["SERVICE_UNKNOWN"]);
    health.checks.postgres.fail("gone");
    expect(await server.check()).toBe("NOT_SERVING");
    expect(watching.told).toEqual(["SERVICE_UNKNOWN"]);
    expect(server.service.watchers).toBe(1);
    watching.call.cancel();
    await until(() => server.service.watchers === 0, { describe: "the watcher is forgotten" });
  });

  it("lists every service", async () => {
    const health = await started();
    await using server = await served(health, { services: { "orders.v1.Orders": { checks: ["cache"] } } });
    health.checks.postgres.fail("gone");
    const answer = await new Promise((resolve, reject) =>
      server.client.List({}, (error, listed) => (error === null ? resolve(listed) : reject(error))),
    );
    expect(answer).toEqual({
      statuses: { "": { status: "NOT_SERVING" }, "orders.v1.Orders": { status: "SERVING" } },
    });
  });

  it("tells watchers the status of now and each change, and nothing else", async () => {
    const health = await started();
    await using server = await served(health);
    const readiness = server.watch();
    const liveness = server.watch("liveness");
    await Promise.all([readiness.until(1), liveness.until(1)]);
    health.checks.cache.fail("gone");
    health.checks.postgres.fail("gone");
    health.checks.postgres.fail("still gone");
    expect(await readiness.until(2)).toEqual(["SERVING", "NOT_SERVING"]);
    health.checks.postgres.pass();
    expect(await readiness.until(3)).toEqual(["SERVING", "NOT_SERVING", "SERVING"]);
    void health.drain();
    expect(await readiness.until(4)).toEqual(["SERVING", "NOT_SERVING", "SERVING", "NOT_SERVING"]);
    expect(liveness.told).toEqual(["SERVING"]);
  });

  it("tells them of the drain before it ends their calls and closes", async () => {
    const health = await started();
    await using server = await served(health);
    const watching = server.watch();
    await watching.until(1);
    await health.drain({ delayMs: 0 });
    await server.service.close();
    expect(await watching.ended).toBe("OK");
    expect(watching.told).toEqual(["SERVING", "NOT_SERVING"]);
    expect(await server.check()).toBe("UNAVAILABLE");
    expect(server.service.close()).toBe(server.service.close());
  });

  it("turns away whoever comes beyond maxWatchers, until there is room", async () => {
    const health = await started();
    await using server = await served(health, { maxWatchers: 2 });
    const first = server.watch();
    const second = server.watch("nobody");
    await Promise.all([first.until(1), second.until(1)]);
    const third = server.watch();
    expect(await third.ended).toBe("RESOURCE_EXHAUSTED");
    expect(third.told).toEqual([]);
    first.call.cancel();
    await until(() => server.service.watchers === 1, { describe: "room" });
    expect(await server.watch().until(1)).toEqual(["SERVING"]);
  });

  it("answers hundreds of calls at once", async () => {
    const health = await started();
    await using server = await served(health);
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => server.check(i % 2 === 0 ? "" : "nobody")));
    expect(new Set(answers)).toEqual(new Set(["SERVING", "NOT_FOUND"]));
  });

  it("tells every one of many watchers, while one does not read", async () => {
    const health = await started();
    await using server = await served(health);
    const slow = server.watch();
    await slow.until(1);
    slow.call.pause();
    const watchers = Array.from({ length: 300 }, () => server.watch());
    await Promise.all(watchers.map((watching) => watching.until(1)));
    // Gates are never held for changing too often.
    for (let i = 0; i < 500; i++) {
      health.checks.maintenance.close("upgrade");
      health.checks.maintenance.open();
    }
    health.checks.maintenance.close("upgrade");
    await Promise.all(
      watchers.map(({ told }) => until(() => told.at(-1) === "NOT_SERVING", { describe: "the newest status" })),
    );
    slow.call.resume();
    await until(() => slow.told.at(-1) === "NOT_SERVING", { describe: "the slow one is told the newest status" });
    // What it did not read meanwhile was not kept for it.
    expect(slow.told.length).toBeLessThan(100);
  });

  it("closes a server that nobody called, and cuts calls that do not end in time", async () => {
    const health = await started();
    const clock = new FakeClock();
    await using server = await served(health, { closeWithinMs: 1_000, clock });
    const begun = Promise.withResolvers<void>();
    server.server.addService(
      {
        Hang: {
          path: "/test.Slow/Hang",
          requestStream: false,
          responseStream: false,
          requestSerialize: () => Buffer.alloc(0),
          requestDeserialize: () => ({}),
          responseSerialize: () => Buffer.alloc(0),
          responseDeserialize: () => ({}),
        },
      },
      { Hang: () => begun.resolve() },
    );
    const hung = new Promise<string>((resolve) => {
      server.client.makeUnaryRequest(
        "/test.Slow/Hang",
        () => Buffer.alloc(0),
        () => ({}),
        {},
        (error) => resolve(error === null ? "OK" : codeOf(error)),
      );
    });
    await begun.promise;
    const closed = server.service.close();
    let done = false;
    void closed.then(() => {
      done = true;
    });
    await clock.advance(999);
    await settle();
    expect(done).toBe(false);
    await clock.advance(1);
    await closed;
    expect(["CANCELLED", "UNAVAILABLE"]).toContain(await hung);
  });
});

describe("addHealthService", () => {
  it.each<[what: string, options: unknown, message: RegExp]>([
    [
      "a source that is none",
      { services: { a: 7 } },
      /^service "a" of addHealthService\(\) must be a probe, .* got number$/,
    ],
    ["no source", { services: { a: null } }, /^service "a" .* got null$/],
    [
      "a probe that there is not",
      { services: { a: "ready" } },
      /^service "a" .*must be one of "startup", .* got "ready"/,
    ],
    [
      "a check that there is not",
      { services: { a: { checks: ["mysql"] } } },
      /^service "a".*readiness has no check "mysql"/,
    ],
    [
      "a check of another probe",
      { services: { a: { checks: ["stuck"] } } },
      /^service "a".*readiness has no check "stuck"/,
    ],
    ["an empty set", { services: { a: { checks: [] } } }, /^service "a" .* must name at least one check, got \[\]/],
    ["services in a list", { services: ["readiness"] }, /^services of .* got \["readiness"\]$/],
    ["part of a watcher", { maxWatchers: 1.5 }, /^maxWatchers of .* a whole number from 0 up, got 1.5$/],
    [
      "a time that is none",
      { closeWithinMs: "1s" },
      /^closeWithinMs of .* milliseconds from 0 to 2147483647, got "1s"$/,
    ],
    ["no clock", { clock: {} }, /^clock of .* a Clock, got an object$/],
    ["an option that there is not", { service: {} }, /^an option of .* one of clock, .* got "service"$/],
    ["no options", null, /^the argument options .* an object, got null$/],
  ])("refuses %s", (_what, options, message) => {
    const health = createHealth({ checks: checks() });
    expect(() => addHealthService(new Server(), health, options as never)).toThrow(message);
  });

  it("refuses what is no server and no health object", () => {
    expect(() => addHealthService({} as never, createHealth())).toThrow(
      /^server of .* a Server of @grpc\/grpc-js, got an object$/,
    );
    expect(() => addHealthService(new Server(), {} as never)).toThrow(/^health of .* a health object, got an object$/);
  });
});
