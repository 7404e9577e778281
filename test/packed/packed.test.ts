import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");
const published = ["core", "http", "express", "pino"];
/** What an application installs beside the packages. */
const peers = { "@opentelemetry/api": "core", express: "express", pino: "pino" };

/** Uses every package as its published form loads it, and prints what it saw. */
const application = `
  const health = createHealth({ checks: { queue: threshold(() => 3, { failAbove: 10 }) } });
  await health.start();
  await health.refresh();
  const server = await listenHealth(health, { port: 0, host: "127.0.0.1" });
  const response = await fetch(\`http://127.0.0.1:\${server.port}/readyz\`);
  const report = await response.json();
  console.log(JSON.stringify([response.status, report.message, typeof healthEndpoints(health), typeof logTransitions, new FakeClock().now()]));
  await server.close();
  await health.stop();
`;

describe("the packages as they are published", () => {
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "otel-health-packed-"));
    const modules = join(folder, "node_modules");
    mkdirSync(join(modules, "@otel-health"), { recursive: true });
    mkdirSync(join(modules, "@opentelemetry"));
    // Under a pnpm script this is the pnpm that runs it.
    const pnpm = process.env["npm_execpath"] ?? "pnpm";
    await run(pnpm, ["run", "build"], { cwd: root });
    for (const name of published) {
      await run(pnpm, ["pack", "--pack-destination", join(folder, name)], { cwd: join(root, "packages", name) });
      const [tarball = ""] = readdirSync(join(folder, name));
      await run("tar", ["-xzf", join(folder, name, tarball), "-C", join(folder, name)]);
      symlinkSync(join(folder, name, "package"), join(modules, "@otel-health", name));
    }
    for (const [peer, from] of Object.entries(peers)) {
      symlinkSync(realpathSync(join(root, "packages", from, "node_modules", peer)), join(modules, peer));
    }
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function play(file: string, code: string): Promise<unknown> {
    writeFileSync(join(folder, file), code);
    // Links are followed to where they stand, so that each package finds the others and the peers beside it.
    const { stdout, stderr } = await run(process.execPath, [
      "--preserve-symlinks",
      "--preserve-symlinks-main",
      join(folder, file),
    ]);
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  }

  const seen = [200, "1 check is healthy", "function", "function", 0];

  it("load by import", async () => {
    const code = `
      import { createHealth, threshold } from "@otel-health/core";
      import { FakeClock } from "@otel-health/core/testing";
      import { healthEndpoints } from "@otel-health/express";
      import { listenHealth } from "@otel-health/http";
      import { logTransitions } from "@otel-health/pino";
      ${application}`;
    expect(await play("app.mjs", code)).toEqual(seen);
  });

  it("load by require", async () => {
    const code = `
      const { createHealth, threshold } = require("@otel-health/core");
      const { FakeClock } = require("@otel-health/core/testing");
      const { healthEndpoints } = require("@otel-health/express");
      const { listenHealth } = require("@otel-health/http");
      const { logTransitions } = require("@otel-health/pino");
      (async () => { ${application} })();`;
    expect(await play("app.cjs", code)).toEqual(seen);
  });

  it("hold their declarations, their license and nothing of their tests", async () => {
    for (const name of published) {
      const { stdout } = await run("tar", [
        "-tzf",
        join(folder, name, readdirSync(join(folder, name)).find((file) => file.endsWith(".tgz")) ?? ""),
      ]);
      const files = stdout.split("\n");
      expect(files).toContain("package/dist/index.d.ts");
      expect(files).toContain("package/LICENSE");
      expect(files.filter((file) => file.includes("/test/") || file.endsWith(".tsbuildinfo"))).toEqual([]);
    }
  });
});
