// The ES and the CommonJS copy of each package in one process: whatever one of them makes, the other takes.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import * as core from "@otel-health/core";
import * as testing from "@otel-health/core/testing";
import * as express from "@otel-health/express";
import * as http from "@otel-health/http";
import * as pino from "@otel-health/pino";
import makeApp from "express";
import makeLogger from "pino";

const require = createRequire(import.meta.url);
const es = { core, testing, express, http, pino };
const cjs = {
  core: require("@otel-health/core"),
  testing: require("@otel-health/core/testing"),
  express: require("@otel-health/express"),
  http: require("@otel-health/http"),
  pino: require("@otel-health/pino"),
};
for (const name of Object.keys(es)) assert.notEqual(es[name], cjs[name], `two copies of ${name}`);
assert.notEqual(es.core.createHealth, cjs.core.createHealth);

async function status(server, path) {
  const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`);
  await response.text();
  return response.status;
}

for (const [mine, other] of [
  [es, cjs],
  [cjs, es],
]) {
  // Options made by the other copy: its clock, its checks, its outcomes.
  const clock = new other.testing.FakeClock();
  let cacheFails = false;
  const health = mine.core.createHealth({
    clock,
    checks: {
      outbox: other.core.heartbeat({ maxAgeMs: 30_000 }),
      inbox: other.core.push(),
      maintenance: other.core.gate(),
      queue: other.core.threshold(() => 3, { failAbove: 10 }),
      cache: {
        run: () => (cacheFails ? other.core.fail("gone", { hint: "look" }) : other.core.pass()),
        critical: false,
      },
      session: () => other.core.untraced(() => other.core.warn("slow")),
    },
    probes: { serving: { aggregate: (votes) => (votes.length > 0 ? "healthy" : "degraded") } },
  });
  const lines = [];
  other.pino.logTransitions(health, makeLogger({ base: null }, { write: (line) => lines.push(JSON.parse(line).msg) }));
  await health.start();
  health.checks.outbox.beat();
  health.checks.inbox.pass();
  await clock.advance(0);
  assert.equal(health.snapshot().checks.session.status, "degraded");
  cacheFails = true;
  await clock.advance(20_000);
  assert.deepEqual(
    [health.checks.outbox.status, health.checks.queue.status, health.checks.cache.status],
    ["healthy", "healthy", "unhealthy"],
  );
  assert.equal(health.report("readiness").checks.cache.hint, "look");
  assert.ok(lines.includes("cache is unhealthy"), lines.join());

  // Both copies attached to one server, with health objects of both, and detached again.
  const another = other.core.createHealth({ clock });
  await another.start();
  const server = createServer((_request, response) => response.writeHead(418).end());
  const detach = [
    mine.http.attachHealth(server, another, { prefix: "/mine" }),
    other.http.attachHealth(server, health, { prefix: "/other" }),
    mine.http.attachHealth(server, health, { prefix: "/again" }),
  ];
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  for (const prefix of ["/mine", "/other", "/again"])
    assert.equal(await status(server, `${prefix}/readyz`), 200, prefix);
  assert.equal(await status(server, "/readyz"), 418);
  for (const end of detach) end();
  for (const prefix of ["/mine", "/other", "/again"])
    assert.equal(await status(server, `${prefix}/readyz`), 418, prefix);
  server.close();

  const app = makeApp().use(other.express.healthEndpoints(health)).listen(0, "127.0.0.1");
  await new Promise((resolve) => app.once("listening", resolve));
  assert.equal(await status(app, "/readyz"), 200);
  app.close();
  const own = await other.http.listenHealth(health, { host: "127.0.0.1", clock: mine.core.systemClock });
  assert.equal(await status({ address: () => own.address }, "/livez"), 200);
  await own.close();

  const fetched = other.http.healthFetch(health)(new Request("http://127.0.0.1/readyz"));
  assert.equal((await fetched).status, 200);

  // One that both copies share, until it is stopped.
  const shared = mine.core.sharedHealth("orders", { clock });
  assert.equal(other.core.sharedHealth("orders"), shared);
  await shared.stop();
  assert.notEqual(other.core.sharedHealth("orders"), shared);
  await other.core.sharedHealth("orders").stop();

  // Errors of one copy, recognised by the other.
  try {
    mine.core.createHealth({ interval: 1 });
    assert.fail("an unknown option is refused");
  } catch (error) {
    assert.ok(other.core.isHealthError(error) && error.code === "invalid_option");
    assert.ok(!(error instanceof other.core.HealthError), "the copies have classes of their own");
  }

  // Signals that one copy hears drain what the other made.
  const listeners = new Map();
  const exited = new Promise((exit) => {
    const source = { prependListener: (signal, hear) => listeners.set(signal, hear), removeListener() {}, exit };
    other.core.drainOnSignals(health, { delayMs: 0, process: source, clock: other.core.systemClock });
  });
  listeners.get("SIGTERM")("SIGTERM");
  for (let turn = 0; turn < 3; turn++) await clock.advance(1_000);
  assert.equal(await exited, 0);
  await another.stop();
}
process.stdout.write("they get on");
