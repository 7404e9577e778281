import { execFile } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { freePort, kubeProbe, startChild, until } from "@otel-health/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { project } from "../fixtures/packed.ts";

let folder = "";
beforeAll(async () => {
  const dependencies = { pm2: "7.0.4", "@otel-health/http": "packed", "@opentelemetry/api": "1.10.0" };
  folder = await project("pm2", { dependencies });
  cpSync(join(import.meta.dirname, "pm2"), folder, { recursive: true });
}, 240_000);

/** The first of two ports in a row that are free. */
async function twoPorts(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const next = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      next.once("error", () => resolve(false));
      next.listen(port + 1, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => next.close(resolve));
    if (isFree) return port;
  }
}

describe("a service under PM2's cluster mode", () => {
  it("answers for each instance on its own port, and is reloaded without a failed request", {
    timeout: 90_000,
    // A connection that Node's cluster is handing to an instance in the moment in which that ends may stay with PM2, and is
    // answered by nobody: seen twice in some dozens of runs, in the hands of PM2 when both instances were long new.
    retry: 1,
  }, async () => {
    const home = await mkdtemp(join(tmpdir(), "otel-health-pm2-"));
    mkdirSync(join(home, "logs"));
    const appPort = await freePort();
    const healthPort = await twoPorts();
    const { PATH, ...rest } = process.env;
    const env = {
      ...rest,
      // PM2 looks for the Node that it starts.
      PATH: `${dirname(process.execPath)}${delimiter}${PATH}`,
      PM2_HOME: home,
      APP_PORT: String(appPort),
      HEALTH_PORT: String(healthPort),
    };
    await using pm2 = await startChild({
      command: process.execPath,
      args: ["node_modules/pm2/bin/pm2-runtime", "start", "ecosystem.config.cjs"],
      cwd: folder,
      env,
      ready: /App \[orders:1\] online/,
      readyTimeoutMs: 40_000,
    });
    const command = async (...args: readonly string[]): Promise<string> => {
      const options = { cwd: folder, env, timeout: 30_000 };
      const run = promisify(execFile)(process.execPath, ["node_modules/pm2/bin/pm2", ...args], options);
      return (await run).stdout;
    };
    const statuses = async () =>
      Promise.all([0, 1].map(async (i) => (await kubeProbe(`http://127.0.0.1:${healthPort + i}/readyz`)).status));
    const bothAre = (status: number) =>
      until(async () => (await statuses()).every((seen) => seen === status), {
        describe: () => `${status}: ${pm2.output}`,
        timeoutMs: 30_000,
      });
    try {
      await bothAre(200);

      // A dead instance is missed on its own port, and on no other, until PM2 has another.
      const [first, second] = JSON.parse(await command("jlist", "--silent")) as readonly { readonly pid: number }[];
      process.kill(first?.pid ?? 0, "SIGKILL");
      await until(async () => (await statuses())[0] === undefined, { describe: "the first is missed", everyMs: 5 });
      expect((await statuses())[1]).toBe(200);
      await bothAre(200);
      const [next, same] = JSON.parse(await command("jlist", "--silent")) as readonly { readonly pid: number }[];
      expect(next?.pid).not.toBe(first?.pid);
      expect(same).toMatchObject({ pid: second?.pid });

      let reloading = true;
      const reloaded = command("reload", "orders").finally(() => {
        reloading = false;
      });
      const seen = new Set<number | string>();
      const ask = async () => {
        const signal = AbortSignal.timeout(5_000);
        const response = await fetch(`http://127.0.0.1:${appPort}/orders`, {
          headers: { connection: "close" },
          signal,
        });
        return response.status;
      };
      while (reloading) seen.add(await ask().catch(String));
      await reloaded;
      expect([...seen]).toEqual([200]);
      await bothAre(200);
    } finally {
      const ended = pm2.stop({ signal: "SIGINT", timeoutMs: 20_000 });
      await ended;
      rmSync(home, { recursive: true, force: true });
    }
    // Its instances are gone with it.
    expect(await statuses()).toEqual([undefined, undefined]);
  });
});
