import { execFile } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Child, freePort, kubeProbe, RawConnection, startChild, until } from "@otel-health/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { project } from "../fixtures/packed.ts";

const example = resolve(import.meta.dirname, "../../examples/nextjs");
const { NODE_ENV: _, ...inherited } = process.env;
const env = { ...inherited, NEXT_TELEMETRY_DISABLED: "1", NEXT_MANUAL_SIG_HANDLE: "true", DRAIN_DELAY_MS: "500" };
const next = "node_modules/next/dist/bin/next";

/** The example's dependencies, in the versions that it has here; our own packages as they are published. */
function dependencies(): Record<string, string> {
  const read = (folder: string) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { dependencies, devDependencies } = read(example);
  const versionOf = (name: string) =>
    name.startsWith("@otel-health/") ? "packed" : read(join(example, "node_modules", name)).version;
  const names = Object.keys({ ...dependencies, ...devDependencies });
  return Object.fromEntries(names.map((name) => [name, versionOf(name)]));
}

/** The example in a project of its own, outside the workspace, built. */
let folder: string;
beforeAll(async () => {
  folder = await project("nextjs", { dependencies: dependencies() });
  const isSource = (file: string) => !/node_modules|package\.json|\.next$/.test(file.slice(example.length));
  cpSync(example, folder, { recursive: true, filter: isSource });
  await promisify(execFile)(process.execPath, [next, "build"], { cwd: folder, env });
}, 180_000);

async function start(): Promise<{ readonly app: Child; readonly port: number; readonly url: string }> {
  const port = await freePort();
  const args = [next, "start", "--hostname", "127.0.0.1", "--port", String(port)];
  const app = await startChild({ command: process.execPath, args, cwd: folder, env, ready: /Ready in/ });
  return { app, port, url: `http://127.0.0.1:${port}` };
}

const readiness = (url: string, status: number) =>
  until(async () => (await kubeProbe(`${url}/readyz`)).status === status, { describe: `readiness ${status}` });

describe("an application of Next.js", () => {
  it("answers probes in its routes from the health object that its instrumentation started", async () => {
    const { app, url } = await start();
    await using _stopped = app;
    await readiness(url, 200);
    const response = await fetch(`${url}/readyz`);
    expect(await response.json()).toMatchObject({
      status: "healthy",
      lifecycle: "ready",
      // Nobody but the worker that the instrumentation has started sets it.
      checks: { outbox: { status: "healthy" } },
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    for (const path of ["/livez", "/startupz", "/livez?verbose"])
      expect((await kubeProbe(`${url}${path}`)).status).toBe(200);
    const head = await fetch(`${url}/readyz`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const text = await fetch(`${url}/readyz`, { headers: { accept: "text/plain" } });
    expect(await text.text()).toContain("[+]outbox ok\n");
  });

  it("drains on SIGTERM: readiness fails first, a request in flight is answered, and it exits with 0", async () => {
    const { app, port, url } = await start();
    await using _stopped = app;
    await readiness(url, 200);
    using order = new RawConnection(port);
    const head = "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n";
    order.send(`${head}{"item":`);
    await order.connected();
    process.kill(Number(app.pid), "SIGTERM");
    await readiness(url, 503);
    expect((await kubeProbe(`${url}/livez`)).status).toBe(200);
    await until(async () => !(await listens(port)), { describe: "the listener is closed" });
    const answer = await order.send('"tea"}').response();
    expect(answer).toMatchObject({ status: 201, body: '{"item":"tea"}' });
    expect(await app.exited, app.output).toEqual({ code: 0, signal: null });
    expect(app.stderr).toEqual([]);
  });
});

async function listens(port: number): Promise<boolean> {
  using connection = new RawConnection(port);
  return await connection.connected().then(
    () => true,
    () => false,
  );
}
