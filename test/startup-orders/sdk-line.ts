import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Child } from "@otel-health/testkit";
import { expect } from "vitest";
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
  const folder = join(await project(`sdk-${line}`, { dependencies: dependencies[line] }), "fixtures");
  for (const name of readdirSync(fixtures)) {
    if (!/^sdk-\d/.test(name)) cpSync(join(fixtures, name), join(folder, name));
  }
  cpSync(join(fixtures, `sdk-${line}.ts`), join(folder, "sdk.ts"));
  const tsconfig = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { noEmit: true, skipLibCheck: false },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...tsconfig, include: ["*.ts"] }));
  return folder;
}

/** The same, but the package finds a copy of the API of its own: that of the line named second. */
export async function applicationWithTwoCopies(line: SdkLine, other: SdkLine): Promise<string> {
  const application = await applicationOf(line);
  const modules = join(application, "../node_modules");
  const folder = join(application, `../api-of-${other}`);
  const core = "node_modules/@otel-health/core";
  const api = "@opentelemetry/api";
  cpSync(application, folder, { recursive: true });
  cpSync(join(modules, "@otel-health/core"), join(folder, core), { recursive: true, dereference: true });
  const from = join(await project(`sdk-${other}`, { dependencies: dependencies[other] }), "node_modules", api);
  cpSync(from, join(folder, core, "node_modules", api), { recursive: true, dereference: true });
  return folder;
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
