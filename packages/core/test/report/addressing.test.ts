import { createHealth, fail, gate, type HealthRequest, heartbeat, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

const get = (url: string, accept?: string): HealthRequest => ({
  method: "GET",
  url,
  ...(accept !== undefined && { headers: { accept } }),
});

/** postgres has failed, the cache has failed and is optional, the queue is well, and nobody beats. */
async function service(options: { readonly reasonHeader?: boolean; readonly detail?: "status" | "full" } = {}) {
  const clock = new FakeClock();
  const health = createHealth({
    clock,
    service: { name: "orders", version: "1.4.2", instance: "orders-7d9f" },
    checks: {
      postgres: push({ hint: "is the database running?" }),
      cache: push({ critical: false }),
      queue: push(),
      loop: heartbeat({ maxAgeMs: 30_000, probes: ["liveness"] }),
      maintenance: gate(),
    },
    startup: { migrate: () => {} },
    endpoints: options,
  });
  const { postgres, cache, queue } = health.checks;
  queue.pass();
  cache.pass();
  postgres.pass();
  await health.start();
  await clock.advance(1_000);
  postgres.fail("connect ECONNREFUSED", { errorType: "ECONNREFUSED" });
  cache.fail("gone");
  const body = (url: string, accept?: string) => health.respond(get(url, accept))!.body;
  const report = (url: string) => JSON.parse(body(url));
  return { clock, health, ...health.checks, body, report };
}

describe("text/plain", () => {
  it("is a line for each check and the verdict at the end, without reasons", async () => {
    const { health, body } = await service();
    expect(body("/readyz", "text/plain")).toBe(
      [
        "[-]postgres failed",
        "[-]cache failed",
        "[+]queue ok",
        "[+]maintenance ok",
        "readiness is unhealthy: postgres is unhealthy since 2026-11-22T13:00:01Z",
        "",
      ].join("\n"),
    );
    expect(body("/livez", "text/plain")).toBe("[-]loop unknown\nliveness is healthy: 0 of 1 checks are healthy\n");
    expect(health.respond(get("/readyz", "text/plain"))).toMatchObject({
      status: 503,
      headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
    });
  });

  it("has the reasons at detail full, and the verdict alone at status", async () => {
    expect((await service({ detail: "full" })).body("/readyz", "text/plain")).toContain(
      "[-]postgres failed: connect ECONNREFUSED (is the database running?)\n[-]cache failed: gone\n",
    );
    expect((await service({ detail: "status" })).body("/readyz", "text/plain")).toBe("readiness is unhealthy\n");
  });

  it("gives neither a caller nor an error a line of its own", async () => {
    const { body, cache } = await service({ detail: "full" });
    cache.warn("slow\n[+]postgres ok\u2028[+]queue ok");
    const lines = body("/readyz?exclude=x%0d%0a[%2B]postgres%20ok", "text/plain").split("\n");
    expect(lines).toContain("[~]cache degraded: slow [+]postgres ok [+]queue ok");
    expect(lines).toContain("no check x [+]postgres ok to exclude");
    expect(lines).not.toContain("[+]postgres ok");
    expect(body("/readyz?exclude=x%0d%0a[%2B]postgres%20ok", "text/plain")).not.toMatch(/[\r\u2028]/);
  });

  it("says what was left out and what could not be", async () => {
    const { body, cache } = await service();
    cache.warn("slow");
    expect(body("/readyz?exclude=postgres&exclude=kafka", "text/plain")).toBe(
      [
        "[~]cache degraded",
        "[+]queue ok",
        "[+]maintenance ok",
        "[ ]postgres excluded",
        "no check kafka to exclude",
        "readiness is degraded: cache is degraded since 2026-11-22T13:00:01Z",
        "",
      ].join("\n"),
    );
  });
});

describe("application/health+json", () => {
  const accept = "application/health+json";

  it("speaks the draft's words", async () => {
    const { health, body } = await service();
    expect(health.respond(get("/readyz", accept))).toMatchObject({ status: 503, headers: { "Content-Type": accept } });
    const component = { componentType: "component" };
    expect(JSON.parse(body("/readyz", accept))).toEqual({
      status: "fail",
      description: "readiness",
      output: "postgres is unhealthy since 2026-11-22T13:00:01Z",
      checks: {
        postgres: [{ ...component, status: "fail", time: "2026-11-22T13:00:01.000Z" }],
        cache: [{ ...component, status: "fail", time: "2026-11-22T13:00:01.000Z" }],
        queue: [{ ...component, status: "pass", time: "2026-11-22T13:00:00.000Z" }],
        maintenance: [{ ...component, status: "pass", time: "2026-11-22T13:00:00.000Z" }],
      },
    });
    expect(JSON.parse(body("/livez", accept))).toEqual({
      status: "pass",
      description: "liveness",
      checks: { loop: [{ ...component, status: "fail" }] },
    });
  });

  it("tells who and why at detail full", async () => {
    const clock = new FakeClock();
    const health = createHealth({
      clock,
      service: { name: "orders", version: "1.4.2", instance: "orders-7d9f" },
      checks: {
        db: { run: () => new Promise((done) => clock.setTimer(() => done(fail("refused")), 12)), critical: false },
      },
      endpoints: { detail: "full" },
    });
    await health.start();
    await clock.advance(30_000);
    expect(JSON.parse(health.respond(get("/readyz", accept))!.body)).toEqual({
      status: "warn",
      releaseId: "1.4.2",
      serviceId: "orders-7d9f",
      description: "readiness of orders",
      output: expect.stringMatching(/^db is unhealthy since /),
      checks: {
        db: [
          {
            componentType: "component",
            observedValue: 12,
            observedUnit: "ms",
            status: "fail",
            time: expect.stringMatching(/Z$/),
            output: "refused",
          },
        ],
      },
    });
  });

  it("is the status alone at detail status", async () => {
    expect((await service({ detail: "status" })).body("/readyz", accept)).toBe('{"status":"fail"}');
  });

  it("notes what was left out and what could not be", async () => {
    const { body } = await service();
    expect(JSON.parse(body("/readyz?exclude=postgres,cache,nope", accept))).toMatchObject({
      status: "pass",
      notes: ["cache is excluded", "postgres is excluded", "no check nope to exclude"],
    });
  });
});

describe("?exclude", () => {
  it("gives the verdict without the checks that it names, and says so", async () => {
    const { health, report } = await service();
    expect(health.respond(get("/readyz?exclude=postgres"))!.status).toBe(200);
    expect(report("/readyz?exclude=postgres")).toMatchObject({
      status: "degraded",
      message: "cache is unhealthy since 2026-11-22T13:00:01Z",
      excluded: ["postgres"],
    });
    expect(Object.keys(report("/readyz?exclude=postgres").checks)).toEqual(["cache", "queue", "maintenance"]);
    expect(report("/readyz?exclude=postgres&exclude=cache").status).toBe("healthy");
    expect(report("/readyz?exclude=cache%2Cpostgres").excluded).toEqual(["cache", "postgres"]);
  });

  it("ignores names that it does not know, and says so", async () => {
    const { report } = await service();
    const answer = report("/readyz?exclude=kafka");
    expect(answer).toMatchObject({ status: "unhealthy", ignored: ["kafka"] });
    expect(answer).not.toHaveProperty("excluded");
    expect(report("/readyz?exclude=<script>,__proto__")).toMatchObject({ ignored: ["<script>", "__proto__"] });
    expect(report("/readyz?exclude=")).not.toHaveProperty("ignored");
    expect(report("/livez?exclude=postgres")).toMatchObject({ ignored: ["postgres"] });
  });

  it("leaves nothing out of startup, which latches", async () => {
    const health = createHealth({ clock: new FakeClock(), startup: { migrate: () => new Promise(() => {}) } });
    void health.start();
    const response = health.respond(get("/startupz?exclude=migrate"))!;
    expect(response.status).toBe(503);
    expect(JSON.parse(response.body)).toMatchObject({ status: "unhealthy", ignored: ["migrate"] });
  });

  it("leaves out a closed gate like any other check, and the lifecycle never", async () => {
    const { health, maintenance, report } = await service();
    maintenance.close("upgrade");
    expect(report("/readyz?exclude=postgres").status).toBe("unhealthy");
    expect(report("/readyz?exclude=postgres,maintenance").status).toBe("degraded");
    health.retire();
    expect(report("/readyz?exclude=postgres,maintenance,cache").status).toBe("degraded");
    await health.drain({ delayMs: 0 });
    expect(report("/readyz?exclude=postgres,maintenance,cache")).toMatchObject({
      status: "unhealthy",
      message: "draining",
    });
  });

  it("asks the probe's own aggregator", async () => {
    const health = createHealth({
      clock: new FakeClock(),
      checks: { a: push(), b: push(), c: push() },
      probes: {
        readiness: { aggregate: { quorum: 2 } },
        serving: { aggregate: ({ all }) => (all().some(({ name }) => name === "a") ? "healthy" : "unhealthy") },
      },
    });
    const { a, b, c } = health.checks;
    await health.start();
    for (const check of [a, b]) check.fail("gone");
    c.pass();
    const status = (url: string) => JSON.parse(health.respond(get(url))!.body).status;
    expect(status("/readyz")).toBe("unhealthy");
    expect(status("/readyz?exclude=a")).toBe("unhealthy");
    expect(status("/readyz?exclude=a,b")).toBe("healthy");
    expect(status("/servez")).toBe("healthy");
    expect(status("/servez?exclude=a")).toBe("unhealthy");
  });

  it("reads a bounded part of what a caller may write", async () => {
    const { report } = await service();
    const names = Array.from({ length: 200 }, (_, i) => `n${i}`);
    expect(report(`/readyz?${names.map((name) => `exclude=${name}`).join("&")}`).ignored).toHaveLength(64);
    const [long] = report(`/readyz?exclude=${"x".repeat(3_000)}`).ignored;
    expect(long).toHaveLength(64);
    expect(report(`/readyz?exclude=${"x".repeat(100_000)}&exclude=postgres`)).not.toHaveProperty("excluded");
  });

  it("names no check where the detail names none", async () => {
    const { health } = await service({ detail: "status" });
    const plain = health.respond(get("/readyz"))!;
    expect(health.respond(get("/readyz?exclude=postgres"))).toBe(plain);
    expect(health.respond(get("/readyz?exclude=nope"))).toBe(plain);
  });
});

describe("the path of a check", () => {
  it("answers for that check alone", async () => {
    const { health, report } = await service();
    expect(health.respond(get("/readyz/queue"))!.status).toBe(200);
    expect(report("/readyz/queue")).toEqual({
      status: "healthy",
      timestamp: "2026-11-22T13:00:01.000Z",
      message: "queue is healthy since 2026-11-22T13:00:00Z",
      lifecycle: "ready",
      checks: { queue: { status: "healthy", ok: true, checkedAt: "2026-11-22T13:00:00.000Z" } },
    });
    expect(health.respond(get("/readyz/postgres"))!.status).toBe(503);
    expect(health.respond(get("/startupz/migrate"))!.status).toBe(200);
    expect(health.respond(get("/readyz/queue/?exclude=queue", "text/plain"))!.body).toBe(
      "[+]queue ok\nreadiness is healthy: queue is healthy since 2026-11-22T13:00:00Z\n",
    );
  });

  it("fails for a check that has failed, critical or not, and passes for one that is degraded", async () => {
    const { clock, health, cache } = await service();
    expect(health.respond(get("/readyz/cache"))!.status).toBe(503);
    cache.warn("slow");
    await clock.advance(100);
    expect(health.respond(get("/readyz/cache"))!.status).toBe(200);
  });

  it("fails for what is not known, save in liveness, where knowing would mend nothing", async () => {
    const { health } = await service();
    health.register("late", push());
    expect(health.respond(get("/readyz/late"))!.status).toBe(503);
    expect(health.respond(get("/readyz"))!.body).toContain('"late"');
    expect(health.respond(get("/livez/loop"))!.status).toBe(200);
  });

  it("is not found where the probe has no such check", async () => {
    const { health } = await service();
    for (const url of ["/readyz/loop", "/readyz/kafka", "/livez/postgres", "/ready/constructor"]) {
      const response = health.respond(get(url))!;
      expect([url, response.status]).toEqual([url, 404]);
      expect(JSON.parse(response.body)).toEqual({ error: "the probe has no check of that name" });
    }
    expect(health.respond({ method: "HEAD", url: "/readyz/kafka" })).toMatchObject({ status: 404, body: "" });
    expect(health.respond({ method: "POST", url: "/readyz/postgres" })!.status).toBe(405);
  });

  it("is none of ours where it cannot be the name of a check", async () => {
    const { health } = await service();
    for (const url of [
      "/readyz/a/b",
      "/readyz/Orders",
      "/readyz/../livez",
      "/readyz/%70ostgres",
      "/readyz//",
      "/x/postgres",
    ]) {
      expect([url, health.respond(get(url))]).toEqual([url, undefined]);
      expect(health.isHealthRequest(get(url))).toBe(false);
    }
    expect(health.isHealthRequest(get("/readyz/kafka"))).toBe(true);
  });

  it("is no longer ours where its endpoints were closed, which others are not", async () => {
    const { health } = await service();
    const first = health.endpoints({ prefix: "/a" });
    const second = health.endpoints({ prefix: "/a" });
    first.close();
    first.close();
    expect(health.isHealthRequest(get("/a/readyz"))).toBe(true);
    second.close();
    expect(health.isHealthRequest(get("/a/readyz"))).toBe(false);
    expect(health.isHealthRequest(get("/readyz"))).toBe(true);
  });

  it("is below one of the paths that the endpoints tell, prefix included", async () => {
    const { health } = await service();
    const { paths } = health.endpoints({ prefix: "/a", paths: { liveness: ["/alive"], serving: [] } });
    expect([...paths].sort()).toEqual(["/a/alive", "/a/ready", "/a/readyz", "/a/startupz"]);
  });

  it("gives way to the path of a probe", async () => {
    const health = createHealth({
      clock: new FakeClock(),
      checks: { queue: push() },
      endpoints: { paths: { liveness: ["/readyz/queue"] } },
    });
    await health.start();
    expect(health.respond(get("/readyz/queue"))!.status).toBe(200);
  });

  it("is not found where the detail tells of no check", async () => {
    const { health } = await service({ detail: "status" });
    expect(health.respond(get("/readyz/postgres"))!.status).toBe(404);
    expect(health.respond({ method: "HEAD", url: "/readyz/postgres" })).toMatchObject({ status: 404, body: "" });
  });

  it("says in Retry-After when that check is run again", async () => {
    const clock = new FakeClock();
    const health = createHealth({
      clock,
      checks: {
        slow: { run: () => fail("gone"), intervalMs: 60_000, gracePeriodMs: 0, failureThreshold: 1, jitter: 0 },
        told: push(),
      },
    });
    await health.start();
    await clock.advance(100_000);
    const next = Date.parse(health.report("readiness").checks!["slow"]!.nextCheckAt!);
    const response = health.respond(get("/readyz/slow"))!;
    const { timestamp } = JSON.parse(response.body);
    expect(response.headers["Retry-After"]).toBe(String(Math.ceil((next - Date.parse(timestamp)) / 1_000)));
    health.checks.told.fail("gone");
    expect(health.respond(get("/readyz/told"))!.headers).not.toHaveProperty("Retry-After");
  });
});

describe("an answer to a query", () => {
  it("is the same bytes until something changes", async () => {
    const { health } = await service();
    const first = health.respond(get("/readyz?exclude=postgres"));
    expect(health.respond(get("/readyz?x=1&exclude=postgres"))).toBe(first);
    expect(health.respond({ method: "HEAD", url: "/readyz?exclude=postgres" })).toEqual({ ...first, body: "" });
  });

  it("shows a change of the verdict at once, and any other within 100 ms", async () => {
    const { clock, health, postgres, queue, report } = await service();
    expect(report("/readyz/queue").status).toBe("healthy");
    expect(report("/readyz?exclude=cache").status).toBe("unhealthy");
    queue.fail("full");
    // postgres has failed readiness already.
    expect(report("/readyz/queue").status).toBe("healthy");
    await clock.advance(100);
    expect(report("/readyz/queue").status).toBe("unhealthy");
    queue.pass();
    await clock.advance(100);
    expect(report("/readyz?exclude=cache").status).toBe("unhealthy");
    postgres.pass();
    expect(report("/readyz?exclude=cache").status).toBe("healthy");
    await health.drain({ delayMs: 0 });
    expect(report("/readyz?exclude=cache").status).toBe("unhealthy");
  });

  it("is right also after so many others that it was forgotten", async () => {
    const { health } = await service();
    const first = health.respond(get("/readyz?exclude=postgres"))!;
    for (let i = 0; i < 200; i++) health.respond(get(`/readyz?exclude=n${i}`));
    const again = health.respond(get("/readyz?exclude=postgres"))!;
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });
});

describe("reasonHeader", () => {
  it("puts the summary into X-Health-Reason, and the bare verdict where the detail tells no more", async () => {
    const { health } = await service({ reasonHeader: true });
    const reason = (url: string) => health.respond({ method: "HEAD", url })!.headers["X-Health-Reason"];
    expect(reason("/readyz")).toBe("postgres is unhealthy since 2026-11-22T13:00:01Z");
    expect(reason("/livez")).toBe("0 of 1 checks are healthy");
    expect(reason("/readyz?exclude=postgres")).toBe("cache is unhealthy since 2026-11-22T13:00:01Z");
    expect(reason("/readyz/queue")).toBe("queue is healthy since 2026-11-22T13:00:00Z");
    const status = await service({ reasonHeader: true, detail: "status" });
    expect(status.health.respond(get("/readyz"))!.headers["X-Health-Reason"]).toBe("unhealthy");
  });

  it("holds no reason that someone else has written, not even at detail full", async () => {
    const { health } = await service({ reasonHeader: true, detail: "full" });
    health.fatal("Fehler: ü\u2603");
    expect(health.respond(get("/readyz"))!.headers["X-Health-Reason"]).toBe("fatal since 2026-11-22T13:00:01Z");
  });

  it("is off unless asked for", async () => {
    const { health } = await service();
    expect(health.respond(get("/readyz"))!.headers).not.toHaveProperty("X-Health-Reason");
  });
});

describe("statusCodes", () => {
  it("are those of the endpoint, for one probe or for all", async () => {
    const { health, postgres, queue } = await service();
    const strict = health.endpoints({
      prefix: "/strict",
      statusCodes: { readiness: { healthy: 200, degraded: 503, unhealthy: 500 } },
    });
    const status = (url: string) => strict.respond(get(url))!.status;
    expect([status("/strict/readyz"), status("/strict/servez")]).toEqual([500, 503]);
    postgres.pass();
    expect([status("/strict/readyz"), status("/strict/servez")]).toEqual([503, 200]);
    expect(status("/strict/readyz?exclude=cache")).toBe(200);
    expect(status("/strict/readyz/cache")).toBe(500);
    expect(health.respond(get("/readyz"))!.status).toBe(200);
    queue.pass();
    const all = health.endpoints({ prefix: "/all", statusCodes: { healthy: 201, degraded: 202, unhealthy: 500 } });
    expect(all.respond(get("/all/readyz"))!.status).toBe(202);
    expect(all.respond(get("/all/livez"))!.status).toBe(201);
  });
});
