import type { Server } from "node:http";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { isHealthError, type ListenOptions, listenHealth } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { probedHealth } from "./probed-health.ts";

async function statusOf(port: number, host: string, path = "/livez"): Promise<number> {
  using connection = new RawConnection(port, host);
  return (await connection.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response()).status;
}

describe("listenHealth", () => {
  it("takes a free port of every address, IPv4 and IPv6, unless told otherwise", async () => {
    await using health = await probedHealth();
    await using one = await listenHealth(health);
    await using other = await listenHealth(health);
    expect(one.port).toBeGreaterThan(0);
    expect(other.port).not.toBe(one.port);
    expect(one.address).toMatchObject({ address: "::", port: one.port });
    for (const host of ["127.0.0.1", "::1"]) expect(await statusOf(one.port, host)).toBe(200);
  });

  it("is forgotten by the hook of the HTTP instrumentation once it is closed", async () => {
    await using health = await probedHealth();
    const server = await listenHealth(health, { host: "127.0.0.1", prefix: "/private" });
    expect(health.isHealthRequest({ method: "GET", url: "/private/livez" })).toBe(true);
    await server.close();
    expect(health.isHealthRequest({ method: "GET", url: "/private/livez" })).toBe(false);
  });

  it("listens on the given host alone", async () => {
    await using health = await probedHealth();
    await using server = await listenHealth(health, { host: "127.0.0.1" });
    expect(server.address).toMatchObject({ address: "127.0.0.1", family: "IPv4" });
    expect(await statusOf(server.port, "127.0.0.1")).toBe(200);
    await expect(statusOf(server.port, "::1")).rejects.toThrow();
  });

  it("listens on the given port, and again once it is closed", async () => {
    await using health = await probedHealth();
    const { port, close } = await listenHealth(health, { host: "127.0.0.1" });
    await close();
    await using again = await listenHealth(health, { host: "127.0.0.1", port });
    expect(again.port).toBe(port);
  });

  it("takes the options of endpoints", async () => {
    await using health = await probedHealth();
    await using server = await listenHealth(health, { prefix: "/internal", paths: { liveness: ["/alive"] } });
    expect(await statusOf(server.port, "127.0.0.1", "/internal/alive")).toBe(200);
    expect(await statusOf(server.port, "127.0.0.1", "/livez")).toBe(404);
  });

  it("rejects with the address where the port is taken", async () => {
    await using health = await probedHealth();
    await using server = await listenHealth(health, { host: "127.0.0.1" });
    const { port } = server;
    await expect(listenHealth(health, { host: "127.0.0.1", port })).rejects.toMatchObject({
      code: "EADDRINUSE",
      message: `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
      port,
    });
    expect(await statusOf(port, "127.0.0.1")).toBe(200);
  });

  it("rejects where the host is not an address of the machine", async () => {
    await using health = await probedHealth();
    // One of the addresses that are kept for documentation.
    await expect(listenHealth(health, { host: "203.0.113.1" })).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
  });

  it("reports what fails later through diag, and serves on", async () => {
    const { createServer } = process.getBuiltinModule("node:http");
    const servers: Server[] = [];
    const spy = vi.spyOn(process.getBuiltinModule("node:http"), "createServer");
    spy.mockImplementation((...args: unknown[]) => {
      const server: Server = Reflect.apply(createServer, undefined, args);
      servers.push(server);
      return server;
    });
    onTestFinished(() => spy.mockRestore());
    const told: unknown[] = [];
    const ignore = () => {};
    const logger = {
      error: (...args: unknown[]) => told.push(args),
      warn: ignore,
      info: ignore,
      debug: ignore,
      verbose: ignore,
    };
    diag.setLogger(logger, DiagLogLevel.ERROR);
    onTestFinished(() => diag.disable());
    await using health = await probedHealth();
    await using server = await listenHealth(health, { host: "127.0.0.1" });
    const error = new Error("accept EMFILE");
    expect(servers.map((made) => made.emit("error", error))).toEqual([true]);
    expect(told).toEqual([["otel-health: the probe server", error]]);
    expect(await statusOf(server.port, "127.0.0.1")).toBe(200);
  });

  const range = "a whole number from 0 to 65535";
  it.each<[unknown, string]>([
    [{ port: 65_536 }, `port of listenHealth() must be ${range}, got 65536`],
    [{ port: -1 }, `port of listenHealth() must be ${range}, got -1`],
    [{ port: 80.5 }, `port of listenHealth() must be ${range}, got 80.5`],
    [{ port: Number.NaN }, `port of listenHealth() must be ${range}, got NaN`],
    [{ port: "9090" }, `port of listenHealth() must be ${range}, got "9090"`],
    [{ port: null }, `port of listenHealth() must be ${range}, got null`],
    [{ host: "" }, 'host of listenHealth() must be a host name or address, got ""'],
    [{ host: 127 }, "host of listenHealth() must be a host name or address, got 127"],
    [{ closeWithinMs: -1 }, "closeWithinMs of listenHealth() must be milliseconds from 0 to 2147483647, got -1"],
    [{ closeWithinMs: "1s" }, 'closeWithinMs of listenHealth() must be milliseconds from 0 to 2147483647, got "1s"'],
    [{ clock: {} }, "clock of listenHealth() must be a Clock, got an object"],
    [{ clock: Date.now }, "clock of listenHealth() must be a Clock, got a function"],
    [{ prefix: "internal" }, expect.stringMatching(/^prefix of .*, got "internal"$/)],
    [{ prot: 9_090 }, expect.stringMatching(/^prot is not an option of /)],
  ])("refuses %j", async (options, message) => {
    await using health = await probedHealth();
    const error: unknown = await listenHealth(health, options as ListenOptions).then(
      (server) => server.close(),
      (error) => error,
    );
    expect(error).toMatchObject({ message });
    expect(isHealthError(error)).toBe(true);
  });
});
