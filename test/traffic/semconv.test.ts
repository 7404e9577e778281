import { execFile } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { project } from "../fixtures/packed.ts";
import { type Postgres, postgresPrograms, startPostgres } from "../servers/postgres.ts";
import { missing } from "../servers/require-server.ts";

const run = promisify(execFile);
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

/** The last releases that write either conventions, on the SDK's 2.x line and API 1.9. */
const dependencies = {
  "@opentelemetry/api": "1.9.1",
  "@opentelemetry/instrumentation": "0.208.0",
  "@opentelemetry/instrumentation-http": "0.208.0",
  "@opentelemetry/instrumentation-pg": "0.61.2",
  "@opentelemetry/sdk-trace-node": "2.2.0",
  "@otel-health/core": "packed",
  "@otel-health/traffic": "packed",
  "@types/node": "24.19.2",
  "@types/pg": "8.15.6",
  pg: "8.23.1",
};

interface Told {
  readonly messages: Readonly<Record<string, string>>;
  readonly client: readonly string[];
  readonly server: readonly (readonly [unknown, number])[];
}

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

describe.skipIf(missing(...postgresPrograms))("a service of the SDK's 2.x line", () => {
  let folder = "";
  let postgres: Postgres;

  beforeAll(async () => {
    folder = await project("traffic-sdk-2", { dependencies });
    cpSync(join(import.meta.dirname, "fixtures/orders.ts"), join(folder, "orders.ts"));
    const base = resolve(import.meta.dirname, "../../tsconfig.base.json");
    const compilerOptions = { noEmit: true, skipLibCheck: false };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: base, compilerOptions, include: ["*.ts"] }));
    postgres = await startPostgres();
  });
  afterAll(() => postgres[Symbol.asyncDispose]());

  async function tell(optIn: string, ...more: readonly string[]): Promise<Told> {
    const env = { ...process.env, OTEL_SEMCONV_STABILITY_OPT_IN: optIn };
    const { stdout } = await run(process.execPath, ["orders.ts", String(postgres.port), ...more], { cwd: folder, env });
    return JSON.parse(stdout);
  }

  const counted = {
    // The connect, five statements, and one that the database answers with an error.
    db: "0 of 7 calls failed in 10 s",
    "db-old": "0 of 7 calls failed in 10 s",
    self: "0 of 5 calls failed in 10 s",
    requests: "0 of 5 requests failed in 60 s",
  };

  it("compiles: processor and sampler are what its types ask for", async () => {
    const { stdout } = await run(process.execPath, [tsc, "-p", folder]).catch((error) => error);
    expect(stdout).toBe("");
  });

  it.each([
    ["the old names", "", ["db.system", "net.peer.name", "http.method"], ["db.system.name", "server.address"]],
    ["today's names", "http,database", ["db.system.name", "server.address", "http.request.method"], ["db.system"]],
    ["both", "http/dup,database/dup", ["db.system", "db.system.name", "net.peer.name", "server.address"], []],
  ])("counts its calls by %s", async (_what, optIn, names, absent) => {
    const told = await tell(optIn);
    expect(told.client).toEqual(expect.arrayContaining(names));
    for (const name of absent) expect(told.client).not.toContain(name);
    expect(told.messages).toMatchObject(counted);
    expect(told.server).toEqual(Array.from({ length: 5 }, () => [["down"], 1]));
  });

  it("counts them where they are only recorded", async () => {
    const told = await tell("", "record only");
    expect(told.client).toEqual([]);
    expect(told.messages).toMatchObject(counted);
  });
});
