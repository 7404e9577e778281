import { join } from "node:path";
import { startChild, until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { type Backend, startBackend } from "./backend.ts";
import { startHaproxy } from "./haproxy.ts";
import { missing } from "./require-server.ts";
import { send } from "./traffic.ts";

const httpchk = ["option httpchk GET /readyz", "http-check expect status 200", "balance roundrobin"];
const check = "check inter 100ms fall 2 rise 1";
const agent = ({ agentPort }: Backend) => `agent-check agent-port ${agentPort} agent-inter 100ms`;

describe.skipIf(missing("haproxy"))("HAProxy with httpchk on /readyz", () => {
  it("takes an instance out for an outage, without a failed request, and back in", async () => {
    await using one = await startBackend("one");
    await using two = await startBackend("two");
    await using haproxy = await startHaproxy([
      ...httpchk,
      ...[one, two].map(({ name, port }) => `server ${name} 127.0.0.1:${port} ${check}`),
    ]);
    await haproxy.waitFor("one", { status: "UP" });
    await haproxy.waitFor("two", { status: "UP" });
    expect(await send(haproxy.url, 10)).toEqual({ one: 5, two: 5 });
    one.health.checks.database.fail("gone");
    await haproxy.waitFor("one", { status: "DOWN", check: "L7STS/503" });
    expect(await send(haproxy.url, 10)).toEqual({ two: 10 });
    one.health.checks.database.pass();
    await haproxy.waitFor("one", { status: "UP", check: "L7OK/200" });
    expect(await send(haproxy.url, 10)).toEqual({ one: 5, two: 5 });
  });

  it("notices a process that stands still, and takes it back when it goes on", async () => {
    await using child = await startChild({
      command: process.execPath,
      args: [join(import.meta.dirname, "backend-process.ts")],
      ready: /^listening on \d+$/,
    });
    const port = child.stdout[0]?.split(" ")[2];
    await using haproxy = await startHaproxy([
      ...httpchk,
      `timeout check 200ms`,
      `server process 127.0.0.1:${port} ${check}`,
    ]);
    await haproxy.waitFor("process", { status: "UP" });
    process.kill(child.pid!, "SIGSTOP");
    await haproxy.waitFor("process", { status: "DOWN", check: "L7TOUT" });
    process.kill(child.pid!, "SIGCONT");
    await haproxy.waitFor("process", { status: "UP" });
    expect(await send(haproxy.url)).toEqual({ process: 1 });
  });
});

describe.skipIf(missing("haproxy"))("HAProxy with the agent", () => {
  const pair = async (one: Backend, two: Backend) => {
    const haproxy = await startHaproxy([
      ...httpchk,
      ...[one, two].map((some) => `server ${some.name} 127.0.0.1:${some.port} ${check} ${agent(some)} weight 100`),
    ]);
    await haproxy.waitFor("one", { status: "UP", weight: 100 });
    await haproxy.waitFor("two", { status: "UP", weight: 100 });
    return haproxy;
  };

  it("gives a degraded instance half of its traffic, and all of it when it is healthy again", async () => {
    await using one = await startBackend("one");
    await using two = await startBackend("two");
    await using haproxy = await pair(one, two);
    one.health.checks.cache.fail("gone");
    await haproxy.waitFor("one", { status: "UP", weight: 50 });
    // The turns begin anew where a weight changes: one more or less is right.
    const degraded = await send(haproxy.url, 30);
    expect(Math.abs((degraded["one"] ?? 0) - 10)).toBeLessThanOrEqual(1);
    one.health.checks.cache.pass();
    await haproxy.waitFor("one", { status: "UP", weight: 100 });
    const healthy = await send(haproxy.url, 30);
    expect(Math.abs((healthy["one"] ?? 0) - 15)).toBeLessThanOrEqual(1);
  });

  it("takes an outage for down, and says why as far as anybody may know", async () => {
    await using one = await startBackend("one");
    await using two = await startBackend("two");
    await using haproxy = await pair(one, two);
    one.health.checks.database.fail("secret.internal refused");
    await until(async () => (await haproxy.stat("one")).status.startsWith("DOWN"), { describe: "down" });
    expect(await send(haproxy.url, 6)).toEqual({ two: 6 });
    one.health.checks.database.pass();
    await haproxy.waitFor("one", { status: "UP" });
  });

  it("takes a closed gate for maintenance, and its opening for ready", async () => {
    await using one = await startBackend("one");
    await using two = await startBackend("two");
    await using haproxy = await pair(one, two);
    one.health.checks.maintenance.close("upgrade");
    await until(async () => (await haproxy.stat("one")).status.startsWith("MAINT"), { describe: "maintenance" });
    expect(await send(haproxy.url, 6)).toEqual({ two: 6 });
    one.health.checks.maintenance.open();
    await haproxy.waitFor("one", { status: "UP" });
    expect(Object.keys(await send(haproxy.url, 6)).sort()).toEqual(["one", "two"]);
  });

  it("sends no new requests to an instance that drains, and lets those in flight finish", async () => {
    await using one = await startBackend("one");
    await using two = await startBackend("two");
    await using haproxy = await startHaproxy([
      // The agent alone: a server that its health check calls down does not drain.
      "balance roundrobin",
      ...[one, two].map((some) => `server ${some.name} 127.0.0.1:${some.port} ${agent(some)}`),
    ]);
    await until(async () => (await send(haproxy.url, 2))["one"] === 1, { describe: "both are served" });
    const inFlight = [fetch(`${haproxy.url}/slow`), fetch(`${haproxy.url}/slow`)];
    await until(() => one.served() + two.served() >= 4, { describe: "the slow requests" });
    void one.health.drain({ delayMs: 60_000 });
    await until(async () => (await haproxy.stat("one")).status.startsWith("DRAIN"), { describe: "draining" });
    expect(await send(haproxy.url, 6)).toEqual({ two: 6 });
    one.release();
    two.release();
    const answers = await Promise.all(inFlight.map(async (response) => (await response).text()));
    expect(answers.sort()).toEqual(["one", "two"]);
  });
});
