import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Child, freePort, kubeProbe, until } from "@otel-health/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks } from "./blocks.ts";

const root = resolve(import.meta.dirname, "../..");
const cache = join(root, "test/.cache");
const packages = ["core", "http", "express", "pino"] as const;
const folders = new Map<string, string>();

const compilerOptions = {
  noEmit: true,
  module: "nodenext",
  target: "es2024",
  strict: true,
  allowImportingTsExtensions: true,
  erasableSyntaxOnly: true,
  types: ["node"],
};

beforeAll(() => {
  mkdirSync(cache, { recursive: true });
  for (const name of packages) {
    const folder = mkdtempSync(join(cache, `${name}-`));
    folders.set(name, folder);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    const blocks = codeBlocks(readFileSync(join(root, "packages", name, "README.md"), "utf8"), "ts");
    for (const { file, code } of blocks) writeFileSync(join(folder, file ?? "without-a-name.ts"), code);
  }
});
afterAll(() => {
  for (const folder of folders.values()) rmSync(folder, { recursive: true, force: true });
});

describe("the snippets of the packages' READMEs", () => {
  it.each(packages)("compile: %s", async (name) => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", folders.get(name) ?? ""]).catch(
      (error) => error,
    );
    expect(stdout).toBe("");
  });

  it.each([
    ["http", "server.ts", "PORT"],
    ["http", "private-port.ts", "HEALTH_PORT"],
    ["http", "middleware.ts", "PORT"],
    ["express", "app.ts", "PORT"],
  ])("serve probes: %s %s", async (name, file, variable) => {
    const ports = { PORT: await freePort(), HEALTH_PORT: await freePort() };
    const env = { ...process.env, PORT: String(ports.PORT), HEALTH_PORT: String(ports.HEALTH_PORT) };
    await using app = new Child({ command: process.execPath, args: [file], cwd: folders.get(name) ?? "", env });
    const url = `http://127.0.0.1:${ports[variable as keyof typeof ports]}/readyz`;
    const ready = async () => {
      const probe = await kubeProbe(url);
      return probe.ok && probe;
    };
    const { body } = await until(ready, { timeoutMs: 20_000, describe: () => `readiness; it said: ${app.output}` });
    expect(JSON.parse(body)).toMatchObject({ status: "healthy" });
  });

  it.each([
    ["core", "usage.ts", /^$/],
    ["core", "fake-clock.ts", /^unhealthy\n$/],
    ["pino", "health.ts", /"component":"health","event":"health.probe.transition","probe":"startup","state":"healthy"/],
  ])("run to their end: %s %s", async (name, file, output) => {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folders.get(name) ?? "" });
    expect(stdout).toMatch(output);
  });
});
