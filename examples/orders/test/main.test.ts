import { join } from "node:path";
import { freePort, kubeProbe, startChild, startFaultProxy, until } from "@otel-health/testkit";
import pg from "pg";
import { describe, expect, it } from "vitest";

const start = (script: string, env: NodeJS.ProcessEnv = {}) =>
  startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, "..", script)],
    env: { ...process.env, DRAIN_DELAY_MS: "100", ...env },
    ready: /^listening on |"msg":"listening"/,
  });
type Service = Awaited<ReturnType<typeof start>>;

const databaseUrl = ({ stdout }: Service) => stdout.join().replace("listening on ", "");

/** The address that the service has logged. */
function addressOf({ stdout }: Service): string {
  const { port } = JSON.parse(stdout.find((line) => line.includes('"listening"')) ?? "{}");
  return `http://localhost:${port}`;
}

const ready = (address: string) =>
  until(async () => (await kubeProbe(`${address}/readyz`)).ok, { describe: "readiness", timeoutMs: 15_000 });

async function order(address: string): Promise<unknown> {
  const response = await fetch(`${address}/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ item: "tea", quantity: 2 }),
  });
  return response.json();
}

describe("main.ts", () => {
  it("uses the database that DATABASE_URL names", async () => {
    await using database = await start("database.ts");
    const url = databaseUrl(database);
    await using service = await start("main.ts", { DATABASE_URL: url });
    await ready(addressOf(service));
    expect(await order(addressOf(service))).toEqual({ id: 1, item: "tea", quantity: 2 });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    expect((await client.query("SELECT * FROM orders")).rows).toEqual([{ id: 1, item: "tea", quantity: 2 }]);
    await client.end();
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  });

  it("runs in two copies without a word of configuration, each with a database of its own, and in silence", async () => {
    await using one = await start("main.ts");
    await using other = await start("main.ts");
    for (const service of [one, other]) {
      await ready(addressOf(service));
      expect(await order(addressOf(service))).toMatchObject({ id: 1 });
    }
    for (const service of [one, other]) {
      expect(await service.stop()).toEqual({ code: 0, signal: null });
      expect(service.stderr).toEqual([]);
      expect(service.stdout.filter((line) => JSON.parse(line).level > 30)).toEqual([]);
    }
  });

  it("exits with 0 although its collector is away", { timeout: 60_000 }, async () => {
    const collector = `http://127.0.0.1:${await freePort()}`;
    await using service = await start("main.ts", {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_EXPORTER_OTLP_TIMEOUT: "1000",
    });
    await ready(addressOf(service));
    await order(addressOf(service));
    expect(await service.stop({ timeoutMs: 20_000 })).toEqual({ code: 0, signal: null });
    expect(service.stdout.at(-1)).toContain("the last telemetry was not sent");
    expect(service.stderr).toEqual([]);
  });

  it("exits with 0 on a SIGTERM that comes before it is ready", async () => {
    await using service = await start("main.ts", { DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/none` });
    expect((await kubeProbe(`${addressOf(service)}/startupz`)).status).toBe(503);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect(service.stderr).toEqual([]);
  });

  it("closes its maintenance gate, and opens it again, on SIGUSR2", async () => {
    await using service = await start("main.ts");
    await ready(addressOf(service));
    for (const status of [503, 200]) {
      process.kill(Number(service.pid), "SIGUSR2");
      await until(async () => (await kubeProbe(`${addressOf(service)}/readyz`)).status === status, {
        describe: `readiness ${status}`,
      });
    }
  });

  it("takes orders again after its database has hung under every connection", { timeout: 60_000 }, async () => {
    await using database = await start("database.ts");
    await using proxy = await startFaultProxy({
      target: { host: "127.0.0.1", port: Number(new URL(databaseUrl(database)).port) },
    });
    await using service = await start("main.ts", {
      DATABASE_URL: `postgres://postgres@127.0.0.1:${proxy.port}/postgres`,
      HEALTH_INTERVAL_MS: "500",
    });
    await ready(addressOf(service));
    await proxy.setMode("hang");
    const hung = Array.from({ length: 6 }, () => order(addressOf(service)));
    expect(await Promise.all(hung)).toEqual(Array(6).fill({ error: "try again later" }));
    expect((await kubeProbe(`${addressOf(service)}/readyz`)).status).toBe(503);
    await proxy.setMode("pass");
    await ready(addressOf(service));
    expect(await order(addressOf(service))).toMatchObject({ item: "tea" });
  });
});
