import { once } from "node:events";
import { readFileSync } from "node:fs";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { createHealth, gate, isHealthError } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { RawConnection, until } from "@otel-health/testkit";
import { startWatchdog, type WatchdogOptions } from "@otel-health/watchdog";
import { describe, expect, it, onTestFinished } from "vitest";
import { version } from "../src/version.ts";
import { spyOnWorkers } from "./workers.ts";

const host = "127.0.0.1";
/** For a loop whose heart beats by a clock that stands still. */
const patient = { blockedAfterMs: 60_000, unreadyAfterMs: 60_000, deadAfterMs: 60_000 };

async function ask(port: number, path = "/livez", address = host): Promise<{ status: number; body: string }> {
  using connection = new RawConnection(port, address);
  return await connection.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response();
}

/** What is reported through `diag` while a test runs. */
function complaints(): readonly unknown[][] {
  const told: unknown[][] = [];
  const ignore = () => {};
  const logger = { warn: ignore, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger({ ...logger, error: (...args: unknown[]) => void told.push(args) }, DiagLogLevel.ERROR);
  onTestFinished(() => diag.disable());
  return told;
}

describe("startWatchdog", () => {
  it("serves from the moment when it resolves, with what there is then", async () => {
    await using health = createHealth({ checks: { maintenance: gate() } });
    await using watchdog = await startWatchdog(health);
    expect(watchdog.port).toBeGreaterThan(0);
    for (const address of [host, "::1"])
      expect(await ask(watchdog.port, "/livez", address)).toMatchObject({ status: 200 });
    expect(await ask(watchdog.port, "/startupz")).toMatchObject({ status: 503 });
    await health.start();
    expect(await ask(watchdog.port, "/startupz")).toMatchObject({ status: 200 });
    health.checks.maintenance.close();
    // At once, unless all that was rendered since the last beat took its time.
    const fails = async () => (await ask(watchdog.port, "/readyz")).status === 503;
    await until(fails, { describe: "readiness fails" });
  });

  it("serves on when the process drains, and to its end", async () => {
    await using health = createHealth();
    await using watchdog = await startWatchdog(health, { host });
    await health.start();
    await health.drain({ delayMs: 0 });
    // Two changes at once, on a machine that is busy: the second may wait for the next beat.
    await until(async () => (await ask(watchdog.port, "/readyz")).status === 503, {
      describe: "readiness 503",
    });
    expect(await ask(watchdog.port)).toMatchObject({ status: 200 });
    await health.stop();
    await until(async () => (await ask(watchdog.port)).body.includes('"stopped"'), { describe: "stopped" });
    expect(await ask(watchdog.port)).toMatchObject({ status: 200 });
  });

  it("takes the options of endpoints, and is known to isHealthRequest until it is closed", async () => {
    await using health = createHealth();
    const options = { host, prefix: "/internal", paths: { liveness: ["/alive"] }, reasonHeader: true };
    const watchdog = await startWatchdog(health, options);
    expect(await ask(watchdog.port, "/internal/alive")).toMatchObject({
      status: 200,
      headers: expect.arrayContaining([["X-Health-Reason", "healthy, without checks"]]),
    });
    expect(await ask(watchdog.port)).toMatchObject({ status: 404 });
    expect(health.isHealthRequest({ method: "GET", url: "/internal/alive" })).toBe(true);
    await watchdog.close();
    expect(health.isHealthRequest({ method: "GET", url: "/internal/alive" })).toBe(false);
  });

  it("rejects with Node's error where the port is taken, and leaves nothing behind", async () => {
    const workers = spyOnWorkers();
    const clock = new FakeClock();
    await using health = createHealth();
    await using first = await startWatchdog(health, { host });
    const { port } = first;
    const error = await startWatchdog(health, { host, port, prefix: "/second", clock }).catch(
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      code: "EADDRINUSE",
      syscall: "listen",
      message: `listen EADDRINUSE: address already in use ${host}:${port}`,
      port,
    });
    expect(clock.armed).toBe(0);
    expect(health.isHealthRequest({ method: "GET", url: "/second/livez" })).toBe(false);
    await until(() => workers[1]?.threadId === -1, { describe: "the thread ends" });
    expect(await ask(port)).toMatchObject({ status: 200 });
  });

  it("rejects where the host is not an address of the machine", async () => {
    await using health = createHealth();
    // One of the addresses that are kept for documentation.
    await expect(startWatchdog(health, { host: "203.0.113.1" })).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
  });

  it("closes once, with the thread and the port, also while a client holds a connection", async () => {
    const workers = spyOnWorkers();
    const clock = new FakeClock();
    await using health = createHealth();
    const watchdog = await startWatchdog(health, { host, clock, ...patient });
    using idle = new RawConnection(watchdog.port);
    await idle.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").response();
    using half = new RawConnection(watchdog.port);
    await half.connected();
    half.send("GET /liv");
    const closing = watchdog.close();
    expect(watchdog.close()).toBe(closing);
    await closing;
    await idle.closed;
    expect(workers.map(({ threadId }) => threadId)).toEqual([-1]);
    expect(clock.armed).toBe(0);
    await expect(ask(watchdog.port)).rejects.toThrow();
    await using again = await startWatchdog(health, { host, port: watchdog.port });
    expect(again.port).toBe(watchdog.port);
  });

  it("starts a thread that was lost again on the same port, and says so", async () => {
    const workers = spyOnWorkers();
    const told = complaints();
    const clock = new FakeClock();
    await using health = createHealth({ checks: { maintenance: gate() } });
    await health.start();
    const watchdog = await startWatchdog(health, { host, clock, ...patient });
    onTestFinished(() => watchdog.close());
    const { port } = watchdog;
    for (const delayMs of [1_000, 2_000]) {
      const lost = workers.at(-1);
      await lost?.terminate();
      await expect(ask(port)).rejects.toThrow();
      // Of what is answered by the main thread nothing has changed.
      expect(health.respond({ method: "GET", url: "/readyz" })).toMatchObject({ status: 200 });
      await clock.advance(delayMs - 1);
      expect(workers.at(-1)).toBe(lost);
      await clock.advance(1);
      expect(workers.at(-1)).not.toBe(lost);
      await until(async () => (await ask(port, "/readyz")).status === 200, { describe: "it serves again" });
      expect(watchdog.port).toBe(port);
    }
    // What changes from now on is published to the new thread.
    health.checks.maintenance.close();
    await until(async () => (await ask(port, "/readyz")).status === 503, { describe: "readiness fails" });
    expect(told).toEqual([]);
  });

  it("keeps trying where the port of a thread that was lost is taken meanwhile", async () => {
    const workers = spyOnWorkers();
    const told = complaints();
    const clock = new FakeClock();
    await using health = createHealth();
    const watchdog = await startWatchdog(health, { host, clock, ...patient });
    onTestFinished(() => watchdog.close());
    const { port } = watchdog;
    await workers[0]?.terminate();
    const thief = process.getBuiltinModule("node:net").createServer().listen(port, host);
    await once(thief, "listening");
    await clock.advance(1_000);
    await until(() => told.length === 1, { describe: "the failure is told" });
    expect(told).toEqual([
      [
        "otel-health: the watchdog's thread cannot be started again",
        `listen EADDRINUSE: address already in use ${host}:${port}`,
      ],
    ]);
    thief.close();
    await once(thief, "close");
    await clock.advance(2_000);
    await until(async () => (await ask(port)).status === 200, { describe: "it serves again" });
  });

  it("counts what the threads answered, also one that was lost", async () => {
    const workers = spyOnWorkers();
    const clock = new FakeClock();
    await using health = createHealth();
    const counted: string[] = [];
    const countAnswer = (probe: string, status: number | string, times = 1) => {
      counted.push(`${probe} ${status} ${times}`);
    };
    const watchdog = await startWatchdog({ ...health, countAnswer }, { host, clock, ...patient });
    for (let i = 0; i < 3; i++) await ask(watchdog.port);
    await workers[0]?.terminate();
    await clock.advance(100);
    expect(counted.splice(0)).toEqual(["liveness 200 3"]);
    await clock.advance(900);
    await until(async () => (await ask(watchdog.port, "/startupz")).status === 503, { describe: "it serves again" });
    await watchdog.close();
    expect(counted).toEqual(["startup 503 1"]);
  });

  it.each<[unknown, string]>([
    [null, "options of startWatchdog() must be an object, got null"],
    [[], "options of startWatchdog() must be an object, got []"],
    [{ port: -1 }, "port of startWatchdog() must be a whole number from 0 to 65535, got -1"],
    [{ port: "9090" }, 'port of startWatchdog() must be a whole number from 0 to 65535, got "9090"'],
    [{ host: "" }, 'host of startWatchdog() must be a host name or address, got ""'],
    [{ blockedAfterMs: -1 }, "blockedAfterMs of startWatchdog() must be milliseconds from 1 to 2147483647, got -1"],
    [{ unreadyAfterMs: "2s" }, 'unreadyAfterMs of startWatchdog() must be milliseconds from 1 to 2147483647, got "2s"'],
    [{ deadAfterMs: Number.NaN }, "deadAfterMs of startWatchdog() must be milliseconds from 1 to 2147483647, got NaN"],
    [{ heartbeatMs: 9 }, "heartbeatMs of startWatchdog() must be milliseconds from 10 to 2147483647, got 9"],
    [{ captureStack: 1 }, "captureStack of startWatchdog() must be true or false, got 1"],
    [{ systemd: "yes" }, 'systemd of startWatchdog() must be true or false, got "yes"'],
    [{ terminationLog: true }, "terminationLog of startWatchdog() must be the path of a file, or false, got true"],
    [{ terminationLog: "" }, 'terminationLog of startWatchdog() must be the path of a file, or false, got ""'],
    [
      { terminationLog: "/nowhere/at/all" },
      "terminationLog of startWatchdog() must be a file that can be written: ENOENT: no such file or directory, open '/nowhere/at/all'",
    ],
    [{ clock: {} }, "clock of startWatchdog() must be a Clock, got an object"],
    [
      { blockedAfterMs: 399 },
      "startWatchdog(): blockedAfterMs (399) is less than 4 heartbeats (400); raise the first or lower the second",
    ],
    [
      { blockedAfterMs: 3_000 },
      "startWatchdog(): unreadyAfterMs (2000) is less than blockedAfterMs (3000); raise the first or lower the second",
    ],
    [
      { unreadyAfterMs: 40_000 },
      "startWatchdog(): deadAfterMs (30000) is less than unreadyAfterMs (40000); raise the first or lower the second",
    ],
    [
      { detail: "full" },
      "detail is not an option of startWatchdog(); the options are: blockedAfterMs, captureStack, clock, deadAfterMs, heartbeatMs, host, paths, port, prefix, reasonHeader, statusCodes, systemd, terminationLog, unreadyAfterMs",
    ],
    [{ prefix: "internal" }, expect.stringMatching(/^prefix of endpoints must be .*, got "internal"$/)],
  ])("refuses %j", async (options, message) => {
    const workers = spyOnWorkers();
    await using health = createHealth();
    const error: unknown = await startWatchdog(health, options as WatchdogOptions).then(
      (watchdog) => watchdog.close(),
      (error) => error,
    );
    expect(error).toMatchObject({ message });
    expect(isHealthError(error)).toBe(true);
    expect(workers).toEqual([]);
  });

  it.each([undefined, null, {}])("refuses %o for a health object", async (health) => {
    const error = await startWatchdog(health as never).catch((error: unknown) => error);
    expect(isHealthError(error)).toBe(true);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^health of startWatchdog\(\) must be a health object, got /),
    });
  });
});

describe("the version that telemetry reports", () => {
  it("is the package's", () => {
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(version).toBe(manifest.version);
  });
});
