import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Child } from "@otel-health/testkit";
import { expect } from "vitest";
import { makeOnce } from "../fixtures/make-once.ts";
import { project } from "../fixtures/packed.ts";
import type { Told } from "./fixtures/told.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const root = resolve(import.meta.dirname, "../..");

const ours = { "@otel-health/core": "packed", "@types/node": "24.19.2" };

/** What an application of each line installs. Versions that pin each other, so that there is one copy of each package. */
const dependencies = {
  "2": {
    ...ours,
    "@opentelemetry/api": "1.9.1",
    "@opentelemetry/api-logs": "0.223.0",
    "@opentelemetry/auto-instrumentations-node": "0.81.2",
    "@opentelemetry/exporter-prometheus": "0.223.0",
    "@opentelemetry/sdk-logs": "0.223.0",
    "@opentelemetry/sdk-metrics": "2.12.0",
    "@opentelemetry/sdk-node": "0.223.0",
    "@opentelemetry/sdk-trace-base": "2.12.0",
  },
  "3": {
    ...ours,
    "@opentelemetry/api": "1.10.0",
    // Brings SDK 3.0.0 for itself.
    "@opentelemetry/auto-instrumentations-node": "0.82.0",
    "@opentelemetry/exporter-prometheus": "0.301.0",
    "@opentelemetry/sdk-logs": "3.1.0",
    "@opentelemetry/sdk-metrics": "3.1.0",
    "@opentelemetry/sdk-node": "0.301.0",
    "@opentelemetry/sdk-trace": "3.1.0",
  },
};

/** A line of OpenTelemetry SDKs, by its major version. */
export type SdkLine = keyof typeof dependencies;

export const sdkLines: readonly SdkLine[] = ["2", "3"];

/** A folder with the fixtures, in a project that has the packed packages and the SDK of the line. */
export async function applicationOf(line: SdkLine): Promise<string> {
  const folder = join(await projectOf(line), `fixtures-${fixturesHash()}`);
  await makeOnce(folder, async (unfinished) => copyFixtures(line, unfinished));
  return folder;
}

/** The same, but the package finds a copy of the API of its own: that of the line named second. */
export async function applicationWithTwoCopies(line: SdkLine, other: SdkLine): Promise<string> {
  const [application, lender] = [await projectOf(line), await projectOf(other)];
  const folder = join(application, `fixtures-with-api-of-${other}-${fixturesHash()}`);
  await makeOnce(folder, async (unfinished) => {
    copyFixtures(line, unfinished);
    const core = "node_modules/@otel-health/core";
    const api = "node_modules/@opentelemetry/api";
    cpSync(join(application, core), join(unfinished, core), { recursive: true });
    cpSync(join(lender, api), join(unfinished, core, api), { recursive: true });
  });
  return folder;
}

function projectOf(line: SdkLine): Promise<string> {
  return project(`sdk-${line}`, { dependencies: dependencies[line] });
}

function copyFixtures(line: SdkLine, folder: string): void {
  for (const name of readdirSync(fixtures)) {
    if (!/^sdk-\d/.test(name)) cpSync(join(fixtures, name), join(folder, name));
  }
  cpSync(join(fixtures, `sdk-${line}.ts`), join(folder, "sdk.ts"));
  const tsconfig = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { noEmit: true, skipLibCheck: false },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...tsconfig, include: ["*.ts"] }));
}

function fixturesHash(): string {
  const hash = createHash("sha256");
  for (const name of [...readdirSync(fixtures).map((name) => join(fixtures, name)), import.meta.filename])
    hash.update(name).update(readFileSync(name));
  return hash.digest("hex").slice(0, 16);
}

/** Starts a fixture: the last of `args`, after whatever Node is told to load before it. */
export function start(folder: string, args: readonly string[], env: NodeJS.ProcessEnv): Child {
  return new Child({
    command: process.execPath,
    args,
    cwd: folder,
    env: { PATH: process.env["PATH"], OTEL_NODE_RESOURCE_DETECTORS: "none", ...env },
  });
}

/** Runs a fixture to its end, and fails with its output where that is not an orderly one. */
export async function run(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Told> {
  await using child = start(folder, args, env);
  const { code } = await child.exited;
  expect(code, child.output).toBe(0);
  return JSON.parse(child.stdout.at(-1) ?? "");
}

/** An environment that gives an SDK, whichever starts, a Prometheus page, and sends spans and events by OTLP. */
export function configuration(url: string, port: number): NodeJS.ProcessEnv {
  return {
    METRICS_PORTS: `${port}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_PROMETHEUS_HOST: "127.0.0.1",
    OTEL_EXPORTER_PROMETHEUS_PORT: `${port}`,
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_LOG_LEVEL: "error",
    OTEL_METRICS_EXPORTER: "prometheus",
    OTEL_TRACES_EXPORTER: "otlp",
  };
}
