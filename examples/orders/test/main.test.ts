import { join } from "node:path";
import { type Child, freePort, kubeProbe, startChild, startFaultProxy, until } from "@otel-health/testkit";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const start = (script: string, env: NodeJS.ProcessEnv = {}) =>
  startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, "..", script)],
    env: { ...process.env, DRAIN_DELAY_MS: "100", ...env },
    ready: /^listening on |"msg":"listening"/,
    readyTimeoutMs: 50_000,
  });

let database: Child;
let DATABASE_URL: string;

beforeAll(async () => {
  database = await start("database.ts");
  DATABASE_URL = database.stdout.join().replace("listening on ", "");
});
afterAll(() => database.stop());

/** The address that the service has logged. */
function addressOf({ stdout }: Child): string {
  const { port } = JSON.parse(stdout.find((line) => line.includes('"listening"')) ?? "{}");
  return `http://localhost:${port}`;
}

const untilReadiness = (service: Child, status: number) =>
  until(async () => (await kubeProbe(`${addressOf(service)}/readyz`)).status === status, {
    describe: () => `readiness ${status}; the service said: ${service.output}`,
    timeoutMs: 30_000,
  });

async function order(service: Child): Promise<unknown> {
  const response = await fetch(`${addressOf(service)}/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ item: "tea", quantity: 2 }),
  });
  return response.json();
}

const orderOfTea = { id: expect.any(Number), item: "tea", quantity: 2 };

describe("main.ts", { timeout: 90_000 }, () => {
  it("uses the database that DATABASE_URL names", async () => {
    await using service = await start("main.ts", { DATABASE_URL });
    await untilReadiness(service, 200);
    const placed = await order(service);
    expect(placed).toEqual(orderOfTea);
    const client = new pg.Client({ connectionString: DATABASE_URL });
    await client.connect();
    expect((await client.query("SELECT * FROM orders ORDER BY id DESC LIMIT 1")).rows).toEqual([placed]);
    await client.end();
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  });

  it("runs in two copies without a word of configuration, each with a database of its own, and in silence", async () => {
    await using one = await start("main.ts");
    await using other = await start("main.ts");
    for (const service of [one, other]) {
      await untilReadiness(service, 200);
      expect(await order(service)).toEqual({ ...orderOfTea, id: 1 });
    }
    for (const service of [one, other]) {
      expect(await service.stop()).toEqual({ code: 0, signal: null });
      expect(service.stderr).toEqual([]);
      expect(service.stdout.filter((line) => JSON.parse(line).level > 30)).toEqual([]);
    }
  });

  it("answers a request that makes no sense with 400, and one for an order that is not there with 404", async () => {
    await using service = await start("main.ts", { DATABASE_URL });
    await untilReadiness(service, 200);
    const post = (body: string) =>
      fetch(`${addressOf(service)}/orders`, { method: "POST", headers: { "content-type": "application/json" }, body });
    for (const body of ["{", "{}", '{"item":"tea","quantity":0}']) expect((await post(body)).status).toBe(400);
    for (const id of ["123456", "tea"]) expect((await fetch(`${addressOf(service)}/orders/${id}`)).status).toBe(404);
  });

  it("exits with 0 although its collector is away", async () => {
    await using service = await start("main.ts", {
      DATABASE_URL,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: "1000",
    });
    await untilReadiness(service, 200);
    await order(service);
    expect(await service.stop({ timeoutMs: 30_000 })).toEqual({ code: 0, signal: null });
    expect(service.stdout.at(-1)).toContain("the last telemetry was not sent");
    expect(service.stderr).toEqual([]);
  });

  it("exits with 0 on a SIGTERM that comes before it is ready", async () => {
    await using service = await start("main.ts", { DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/none` });
    expect((await kubeProbe(`${addressOf(service)}/startupz`)).status).toBe(503);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect(service.stderr).toEqual([]);
  });

  it("closes its maintenance gate on SIGUSR2, and opens it on the next one", async () => {
    await using service = await start("main.ts", { DATABASE_URL });
    await untilReadiness(service, 200);
    for (const status of [503, 200]) {
      process.kill(Number(service.pid), "SIGUSR2");
      await untilReadiness(service, status);
    }
  });

  it("takes orders again after its database has hung under every connection", async () => {
    await using proxy = await startFaultProxy({
      target: { host: "127.0.0.1", port: Number(new URL(DATABASE_URL).port) },
    });
    await using service = await start("main.ts", {
      DATABASE_URL: `postgres://postgres@127.0.0.1:${proxy.port}/postgres`,
      HEALTH_INTERVAL_MS: "500",
    });
    await untilReadiness(service, 200);
    await proxy.setMode("hang");
    const hung = await Promise.all(Array.from({ length: 6 }, () => order(service)));
    expect(hung).toEqual(Array(6).fill({ error: "try again later" }));
    await untilReadiness(service, 503);
    await proxy.setMode("pass");
    await untilReadiness(service, 200);
    expect(await order(service)).toEqual(orderOfTea);
  });
});
