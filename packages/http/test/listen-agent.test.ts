import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { FakeClock } from "@otel-health/core/testing";
import { type AgentOptions, createHealth, gate, isHealthError, listenAgent, push } from "@otel-health/http";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { oneLine } from "../src/agent-line.ts";

/** Everything that an agent says, to its end. */
async function ask(port: number, said = ""): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  if (said !== "") socket.write(said);
  const told = await text(socket);
  socket.end();
  return told;
}

async function agent(options: AgentOptions = {}) {
  const health = createHealth({
    clock: new FakeClock(),
    checks: { database: push(), cache: push({ critical: false }), maintenance: gate() },
    groups: { storage: { checks: ["database", "cache"] } },
  });
  const listening = await listenAgent(health, { host: "127.0.0.1", ...options });
  onTestFinished(async () => {
    await listening.close();
    await health.stop();
  });
  const started = async () => {
    await health.start();
    health.checks.database.pass();
    health.checks.cache.pass();
  };
  return { health, listening, started, ask: (said?: string) => ask(listening.port, said) };
}

/** What is told to diag from now on. */
function complaints(): unknown[][] {
  const told: unknown[][] = [];
  const ignore = () => {};
  const error = (...args: unknown[]) => void told.push(args);
  diag.setLogger({ error, warn: ignore, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.ERROR);
  onTestFinished(() => diag.disable());
  return told;
}

describe("listenAgent", () => {
  it("tells the state of the process in HAProxy's words, through its whole life", async () => {
    const { health, started, ask } = await agent();
    expect(await ask()).toBe("down #starting\n");
    await started();
    expect(await ask()).toBe("up ready 100%\n");
    health.checks.cache.fail("secret.internal is gone");
    expect(await ask()).toBe("up ready 100%\n");
    health.checks.database.fail("secret.internal is gone");
    expect(await ask()).toBe("down #database is unhealthy since 2026-11-22T13:00:00Z\n");
    health.checks.database.pass();
    expect(await ask()).toBe("up ready 100%\n");
    health.checks.maintenance.close("upgrade");
    expect(await ask()).toBe("maint #maintenance is closed since 2026-11-22T13:00:00Z\n");
    health.checks.maintenance.open();
    health.retire();
    expect(await ask()).toBe("up ready 100%\n");
    void health.drain();
    expect(await ask()).toBe("drain\n");
    await health.stop();
    expect(await ask()).toBe("stopped #stopped\n");
  });

  it("does not call what is broken maintenance", async () => {
    const { health, started, ask } = await agent();
    await started();
    health.checks.maintenance.close("upgrade");
    health.fatal("secret reason");
    expect(await ask()).toBe("down #fatal since 2026-11-22T13:00:00Z\n");
  });

  it("tells the weight of now, also where nothing changed but the weight", async () => {
    let load = 0.25;
    const { health, started, ask } = await agent({
      weight: ({ verdict, snapshot }) => (verdict === "degraded" ? 50 : (1 - load) * 100 - snapshot.entries.length + 3),
    });
    await started();
    expect(await ask()).toBe("up ready 75%\n");
    load = 0.5039;
    expect(await ask()).toBe("up ready 50%\n");
    load = 0;
    expect(await ask()).toBe("up ready 100%\n");
    health.checks.cache.fail("gone");
    expect(await ask()).toBe("up ready 50%\n");
  });

  it.each<[what: string, weight: unknown]>([
    [
      "throws",
      () => {
        throw new Error("mine");
      },
    ],
    ["is no number", () => "50"],
    ["is not a number", () => Number.NaN],
    ["is negative", () => -1],
    ["is above all measure", () => 1e9],
    ["is a promise", async () => 50],
    ["cannot be shown", () => Object.create(null)],
  ])("takes a weight that %s for 100, and says so once", async (_what, weight) => {
    const told = complaints();
    const { started, ask } = await agent({ weight: weight as () => number });
    await started();
    expect([await ask(), await ask()]).toEqual(["up ready 100%\n", "up ready 100%\n"]);
    expect(told).toHaveLength(1);
    expect(told[0]?.[0]).toBe("otel-health: the weight of listenAgent()");
  });

  it("asks another probe, or a group", async () => {
    const { health, started, listening } = await agent();
    await using group = await listenAgent(health, { host: "127.0.0.1", probe: "storage" });
    await using liveness = await listenAgent(health, { host: "127.0.0.1", probe: "liveness" });
    await started();
    health.checks.maintenance.close("upgrade");
    expect(await Promise.all([listening, group, liveness].map(({ port }) => ask(port)))).toEqual([
      expect.stringMatching(/^maint #/),
      "up ready 100%\n",
      "up ready 100%\n",
    ]);
    health.checks.database.fail("gone");
    expect(await ask(group.port)).toMatch(/^down #database is unhealthy/);
  });

  it("ignores what it is sent, and answers many at once", async () => {
    const { started, ask } = await agent();
    await started();
    expect(await ask("hello\r\n".repeat(20_000))).toBe("up ready 100%\n");
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => ask())))).toEqual(new Set(["up ready 100%\n"]));
  });

  it("lets go of a client that does not close its side", async () => {
    const clock = new FakeClock();
    const { started, listening } = await agent({ clock });
    await started();
    const socket: Socket = connect({ port: listening.port, host: "127.0.0.1", allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    expect(await text(socket)).toBe("up ready 100%\n");
    // It has said all it says and would listen on. The server's end is seen when something is written to it.
    socket.on("error", () => {});
    await clock.advance(1_000);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const nudge = setInterval(() => socket.write("still here"), 5);
    await closed;
    clearInterval(nudge);
    expect(clock.armed).toBe(0);
  });

  it("takes no connections once it is closed, and tells nobody of changes any more", async () => {
    const { health, started, listening } = await agent();
    await started();
    await listening.close();
    expect(listening.close()).toBe(listening.close());
    await expect(ask(listening.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    health.checks.database.fail("gone");
  });

  it.each<[unknown, string | RegExp]>([
    [{ port: -1 }, "port of listenAgent() must be a whole number from 0 to 65535, got -1"],
    [{ host: "" }, 'host of listenAgent() must be a host name or address, got ""'],
    [{ closeWithinMs: -1 }, "closeWithinMs of listenAgent() must be milliseconds from 0 to 2147483647, got -1"],
    [{ clock: {} }, "clock of listenAgent() must be a Clock, got an object"],
    [{ weight: 50 }, "weight of listenAgent() must be a function that gives a percentage, got 50"],
    [{ probe: "ready" }, /^probe of verdict\(\) must be one of .* got "ready"$/],
    [{ wieght: () => 1 }, /^an option of listenAgent\(\) must be one of port, .* got "wieght"$/],
  ])("refuses %j", async (options, message) => {
    await using health = createHealth();
    const error: unknown = await listenAgent(health, options as AgentOptions).then(
      (made) => made.close(),
      (error) => error,
    );
    expect(error).toMatchObject({ message: typeof message === "string" ? message : expect.stringMatching(message) });
    expect(isHealthError(error)).toBe(true);
  });
});

describe("oneLine", () => {
  it("is one bounded line without a second reason, whatever is told", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), (message) => {
        expect(oneLine(message)).toMatch(/^[\x20-\x22\x24-\x7e]{0,200}$/);
      }),
    );
    expect(oneLine("a\r\nup ready 100%\t#b")).toBe("a up ready 100% b");
  });
});
