import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { createHealth, type Health } from "@otel-health/core";
import { Child, freePort, kubeProbe, until } from "@otel-health/testkit";
import { afterAll, describe, expect, it, vi } from "vitest";
import { codeBlocks } from "./blocks.ts";
import { SnippetProject } from "./snippet-project.ts";

const root = resolve(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const contributing = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");

/**
 * What the README's lines import from the application that they belong to: its clients. The cache is the example's
 * stand-in for Redis, behind a real client; the pool answers by itself.
 */
const orders = `
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import type { PgPool } from "@otel-health/checks/postgres";
import { Redis } from "ioredis";

export async function ping(_signal: AbortSignal): Promise<void> {
  if (process.env.DOWN) throw new Error("down");
}
export async function pingSearch(_signal: AbortSignal): Promise<void> {}
export async function migrate(_signal: AbortSignal): Promise<void> {}
export function runOutbox(beat: () => void): void {
  beat();
}

const connection = {
  query: async (_query: object) => ({ rows: [["false", "off"]] }),
  release() {},
  on() {},
  removeListener() {},
};
const counts = { totalCount: 1, idleCount: 1, waitingCount: 0, ending: false, options: { max: 10 } };
export const pool: PgPool = Object.assign(counts, { connect: async () => connection, query: connection.query });

export let billingUrl = "http://127.0.0.1/";
export let cache = new Redis({ lazyConnect: true });
if (process.env.PORT) {
  const billing = createServer((_request, response) => void response.end('{"status":"healthy"}')).listen(0, "127.0.0.1");
  await once(billing, "listening");
  billingUrl = \`http://127.0.0.1:\${(billing.address() as AddressInfo).port}/readyz\`;
  const server = spawn(process.execPath, [${JSON.stringify(join(root, "examples/orders/cache-server.ts"))}], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(server.stdout), "line");
  cache = new Redis(String(line).replace("listening on ", ""));
}
`;

/** Invokes the handler as a platform does, until the database that goes down is seen. */
const invoke = `
import { handler } from "./serverless.ts";
const statuses = [(await handler({ method: "GET", path: "/orders" })).statusCode];
const probe = () => handler({ method: "GET", path: "/readyz" });
statuses.push((await probe()).statusCode);
process.env.DOWN = "yes";
let last = await probe();
while (last.statusCode === 200) last = await probe();
console.log(JSON.stringify([...statuses, last.statusCode]));
`;

describe("the README's own code", () => {
  const project = new SnippetProject(readme, { "orders.ts": orders, "invoke.ts": invoke });
  afterAll(() => project[Symbol.dispose]());

  it("compile", async () => {
    expect(await project.complaints()).toBe("");
  });

  it("run, and serve the probes from a thread of the watchdog", async () => {
    const port = await freePort();
    const env = { ...process.env, PROBE_PORT: String(port) };
    const stay =
      'import "./watchdog.ts"; import { health } from "./health.ts"; await health.start(); setInterval(() => {}, 1_000);';
    const args = ["--input-type=module", "--eval", stay];
    await using app = new Child({ command: process.execPath, args, cwd: project.folder, env });
    const ready = async () => (await kubeProbe(`http://127.0.0.1:${port}/startupz`)).ok;
    await until(ready, { timeoutMs: 20_000, describe: () => app.output });
    expect((await kubeProbe(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
  });

  it("run, and serve the probes and the metrics", async () => {
    const port = await freePort();
    await using app = new Child({
      command: process.execPath,
      args: ["app.ts"],
      cwd: project.folder,
      env: {
        ...process.env,
        PORT: String(port),
        OTEL_TRACES_EXPORTER: "none",
        OTEL_LOGS_EXPORTER: "none",
      },
    });
    const ready = await until(
      async () => {
        const probe = await kubeProbe(`http://127.0.0.1:${port}/readyz`, {});
        // Until an optional check has run for the first time, readiness is 200 and degraded.
        return probe.ok && JSON.parse(probe.body).status === "healthy" && probe;
      },
      { timeoutMs: 20_000, everyMs: 50, describe: () => `readiness; the application said: ${app.output}` },
    );
    expect(JSON.parse(ready.body)).toMatchObject({ message: "all 5 checks are healthy" });
    for (const path of ["/livez", "/startupz"])
      expect((await kubeProbe(`http://127.0.0.1:${port}${path}`, {})).status).toBe(200);
    // The exporter's default port: the lines are run as they stand, so no other test may use it.
    const page = await (await fetch("http://localhost:9464/metrics")).text();
    expect(page).toMatch(/health_check_status\{health_check_name="postgres",health_state="healthy".*\} 1\n/);
  });

  it("run tasks", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["tasks.ts"], { cwd: project.folder });
    expect(stdout).toBe("thumbnail\n");
  });

  it("answer a frozen process's requests from a refresh", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["invoke.ts"], { cwd: project.folder });
    expect(JSON.parse(stdout)).toEqual([404, 200, 503]);
  });
});

describe("the README's group", () => {
  it("answers at its path, with its codes, and tells the operator more", async () => {
    using project = new SnippetProject(readme, { "orders.ts": orders });
    vi.stubEnv("OPS_TOKEN", "s3cret");
    const { health } = (await import(join(project.folder, "groups.ts"))) as { health: Health };
    await health.start();
    await health.refresh();
    const get = (url: string, authorization?: string) =>
      health.respond({ method: "GET", url, headers: { authorization } });
    expect(get("/payments/health")).toMatchObject({
      status: 200,
      headers: { "X-Health-Reason": "all 2 checks are healthy" },
    });
    const full = JSON.parse(get("/payments/health?verbose", "Bearer s3cret")!.body);
    expect(full).toMatchObject({ probe: "payments", checks: { stripe: { critical: true } } });
    expect(get("/payments/health?verbose", "Bearer guess")).toBe(get("/payments/health"));
    await health.stop();
    vi.unstubAllEnvs();
  });
});

describe("the README's commands and manifests", () => {
  it("name scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const named = Array.from(`${readme}${contributing}`.matchAll(/npx pnpm@12 (\w+)/g), ([, script = ""]) => script);
    expect(named).toContain("demo");
    for (const script of named) if (script !== "exec") expect(scripts).toHaveProperty(script);
  });

  it("probe paths that are served", () => {
    const health = createHealth();
    const paths = codeBlocks(readme, "yaml").flatMap(({ code }) =>
      Array.from(code.matchAll(/path: (\/\w+)/g), ([, path]) => path),
    );
    expect(paths).toEqual(["/startupz", "/livez", "/readyz"]);
    for (const url of [...paths, "/ready", "/healthz", "/servez"])
      expect(health.respond({ method: "GET", url })?.status).toBeTypeOf("number");
  });
});
