import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { Client, credentials } from "@grpc/grpc-js";
import { Child, freePort, kubeProbe, until } from "@otel-health/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SnippetProject } from "./snippet-project.ts";

const root = resolve(import.meta.dirname, "../..");
const packages = [
  "core",
  "checks",
  "http",
  "express",
  "fastify",
  "koa",
  "hono",
  "nestjs",
  "grpc",
  "pino",
  "watchdog",
  "traffic",
] as const;
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

/** A snippet that is a service, in a process of its own with ports of its own. */
class Service implements AsyncDisposable {
  readonly child: Child;
  readonly ports: { readonly PORT: number; readonly HEALTH_PORT: number; readonly AGENT_PORT: number };

  constructor(child: Child, ports: Service["ports"]) {
    this.child = child;
    this.ports = ports;
  }

  static async start(name: string, file: string): Promise<Service> {
    const ports = { PORT: await freePort(), HEALTH_PORT: await freePort(), AGENT_PORT: await freePort() };
    const given = Object.fromEntries(Object.entries(ports).map(([variable, port]) => [variable, String(port)]));
    const env = { ...process.env, ...given, DRAIN_DELAY_MS: "100" };
    return new Service(new Child({ command: process.execPath, args: [file], cwd: projectOf(name).folder, env }), ports);
  }

  /** The report once it is ready. */
  async readiness(variable: keyof Service["ports"]): Promise<unknown> {
    const ready = async () => {
      const probe = await kubeProbe(`http://127.0.0.1:${this.ports[variable]}/readyz`);
      return probe.ok && probe;
    };
    const describe = () => `readiness; it said: ${this.child.output}`;
    return JSON.parse((await until(ready, { timeoutMs: 20_000, describe })).body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.stop();
  }
}

describe("the snippets of the packages' READMEs", () => {
  it.each(packages)("compile: %s", async (name) => {
    expect(await projectOf(name).complaints()).toBe("");
  });

  it.each([
    ["http", "server.ts", "PORT"],
    ["http", "private-port.ts", "HEALTH_PORT"],
    ["http", "middleware.ts", "PORT"],
    ["http", "drain.ts", "PORT"],
    ["http", "agent.ts", "PORT"],
    ["http", "cluster.ts", "HEALTH_PORT"],
    ["watchdog", "watchdog.ts", "HEALTH_PORT"],
    ["express", "app.ts", "PORT"],
    ["koa", "app.ts", "PORT"],
    ["hono", "app.ts", "PORT"],
    ["fastify", "app.ts", "PORT"],
    ["nestjs", "app.ts", "PORT"],
    ["traffic", "app.ts", "PORT"],
  ] as const)("serve probes: %s %s", async (name, file, variable) => {
    await using app = await Service.start(name, file);
    expect(await app.readiness(variable)).toMatchObject({ status: "healthy" });
  });

  it.each([
    ["http", "drain.ts", "PORT"],
    ["http", "cluster.ts", "HEALTH_PORT"],
  ] as const)("end with 0 on SIGTERM: %s %s", async (name, file, variable) => {
    await using app = await Service.start(name, file);
    await app.readiness(variable);
    process.kill(app.child.pid ?? 0, "SIGTERM");
    expect(await app.child.exited).toEqual({ code: 0, signal: null });
    expect(app.child.output).toBe("");
  });

  it("answer HAProxy's agent: http agent.ts", async () => {
    await using app = await Service.start("http", "agent.ts");
    await app.readiness("PORT");
    expect(await text(connect(app.ports.AGENT_PORT, "127.0.0.1"))).toBe("up ready 100%\n");
  });

  it("answer gRPC: grpc main.ts", async () => {
    await using app = await Service.start("grpc", "main.ts");
    const client = new Client(`127.0.0.1:${app.ports.PORT}`, credentials.createInsecure());
    const bytes = (buffer: Buffer) => buffer;
    const check = () =>
      new Promise<Buffer | undefined>((resolve) => {
        const path = "/grpc.health.v1.Health/Check";
        client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), (_error, answer) => resolve(answer));
      });
    // 1 is SERVING.
    await until(async () => (await check())?.[1] === 1, { timeoutMs: 20_000, describe: () => app.child.output });
    client.close();
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
    ["watchdog", "threads.ts", /^resizer is healthy\n$/],
    ["watchdog", "panics.ts", /^uncaught exception: boom\n$/],
    ["watchdog", "resources.ts", /^$/],
    ["watchdog", "systemd.ts", /^$/],
  ])("run to their end: %s %s", async (name, file, output) => {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: projectOf(name).folder });
    expect(stdout).toMatch(output);
  });
});
