import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Child, freePort, kubeProbe, until } from "@otel-health/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SnippetProject } from "./snippet-project.ts";

const root = resolve(import.meta.dirname, "../..");
const packages = ["core", "http", "express", "fastify", "koa", "hono", "nestjs", "grpc", "pino"] as const;
const projects = new Map<string, SnippetProject>();

beforeAll(() => {
  for (const name of packages) {
    projects.set(name, new SnippetProject(readFileSync(join(root, "packages", name, "README.md"), "utf8")));
  }
});
afterAll(() => {
  for (const project of projects.values()) project[Symbol.dispose]();
});

function projectOf(name: string): SnippetProject {
  const project = projects.get(name);
  if (project === undefined) throw new Error(`there is no package ${name}`);
  return project;
}

describe("the snippets of the packages' READMEs", () => {
  it.each(packages)("compile: %s", async (name) => {
    expect(await projectOf(name).complaints()).toBe("");
  });

  it.each([
    ["http", "server.ts", "PORT"],
    ["http", "private-port.ts", "HEALTH_PORT"],
    ["http", "middleware.ts", "PORT"],
    ["express", "app.ts", "PORT"],
    ["koa", "app.ts", "PORT"],
    ["hono", "app.ts", "PORT"],
    ["fastify", "app.ts", "PORT"],
    ["nestjs", "app.ts", "PORT"],
  ])("serve probes: %s %s", async (name, file, variable) => {
    const ports = { PORT: await freePort(), HEALTH_PORT: await freePort() };
    const env = { ...process.env, PORT: String(ports.PORT), HEALTH_PORT: String(ports.HEALTH_PORT) };
    await using app = new Child({ command: process.execPath, args: [file], cwd: projectOf(name).folder, env });
    const url = `http://127.0.0.1:${ports[variable as keyof typeof ports]}/readyz`;
    const ready = async () => {
      const probe = await kubeProbe(url);
      return probe.ok && probe;
    };
    const { body } = await until(ready, { timeoutMs: 20_000, describe: () => `readiness; it said: ${app.output}` });
    expect(JSON.parse(body)).toMatchObject({ status: "healthy" });
  });

  it("answer a Request: http fetch.ts", async () => {
    const ask = `
      const { default: server } = await import("./fetch.ts");
      for (const path of ["livez", "orders"]) console.log(await (await server.fetch(new Request("http://a/" + path))).text());
    `;
    const args = ["--input-type=module", "--eval", ask];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: projectOf("http").folder });
    expect(stdout).toMatch(/^\{"status":"healthy",.*\}\nhello\n$/);
  });

  it.each([
    ["core", "usage.ts", /^$/],
    ["core", "outage.test.ts", /^ℹ pass 1\nℹ fail 0$/m],
    ["core", "billing.test.ts", /^ℹ pass 1\nℹ fail 0$/m],
    ["core", "drain.test.ts", /^ℹ pass 1\nℹ fail 0$/m],
    ["pino", "health.ts", /"component":"health","event":"health.probe.transition","probe":"startup","state":"healthy"/],
    ["core", "combining.ts", /^healthy\n$/],
  ])("run to their end: %s %s", async (name, file, output) => {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: projectOf(name).folder });
    expect(stdout).toMatch(output);
  });
});
