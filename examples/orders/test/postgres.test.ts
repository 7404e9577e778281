import { join } from "node:path";
import { type Child, type FaultProxy, startChild, startFaultProxy } from "@otel-health/testkit";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

let database: Child;
let proxy: FaultProxy;
let ping: typeof import("../postgres.ts").ping;
let pool: typeof import("../postgres.ts").pool;

beforeAll(async () => {
  database = await startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, "../database.ts")],
    ready: /^listening on /,
    readyTimeoutMs: 50_000,
  });
  const { port } = new URL(database.stdout.join().replace("listening on ", ""));
  proxy = await startFaultProxy({ target: { host: "127.0.0.1", port: Number(port) } });
  vi.stubEnv("DATABASE_URL", `postgres://postgres@127.0.0.1:${proxy.port}/postgres`);
  vi.stubEnv("LOG_LEVEL", "silent");
  ({ ping, pool } = await import("../postgres.ts"));
});
afterAll(async () => {
  await pool.end();
  await proxy.close();
  await database.stop();
  vi.unstubAllEnvs();
});

describe("ping", () => {
  it("leaves its connection in the pool", async () => {
    for (let round = 0; round < 3; round += 1) await ping(new AbortController().signal);
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
  });

  it("rejects on abort and leaves no connection in the pool while the database hangs", async () => {
    await ping(new AbortController().signal);
    await proxy.setMode("hang");
    const abort = new AbortController();
    const pinged = ping(abort.signal);
    await vi.waitFor(() => expect(pool.idleCount).toBe(0));
    abort.abort();
    await expect(pinged).rejects.toThrow("Connection terminated");
    expect(pool.totalCount).toBe(0);
    await proxy.setMode("pass");
    await ping(new AbortController().signal);
  });

  it("takes no connection when it was aborted while it waited for one", async () => {
    const lent = await Promise.all(Array.from({ length: 4 }, () => pool.connect()));
    const abort = new AbortController();
    const pinged = ping(abort.signal);
    abort.abort();
    for (const client of lent) client.release();
    await pinged;
    expect([pool.waitingCount, pool.totalCount - pool.idleCount]).toEqual([0, 0]);
  });

  it.each(["refuse", "reset"] as const)("rejects in mode %s, and the process goes on", async (mode) => {
    await ping(new AbortController().signal);
    await proxy.setMode(mode);
    // Each connection that was idle has broken, and somebody listened.
    await vi.waitFor(() => expect(pool.totalCount).toBe(0));
    await expect(ping(new AbortController().signal)).rejects.toThrow(/ECONN|terminated/);
    await proxy.setMode("pass");
    await ping(new AbortController().signal);
    expect(pool.totalCount).toBe(1);
  });
});
