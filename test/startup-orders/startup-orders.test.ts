import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@otel-health/testkit";
import { type OtlpReceiver, startOtlpReceiver } from "@otel-health/testkit/otlp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectSeen } from "./expect-seen.ts";
import type { Told } from "./fixtures/told.ts";
import { applicationOf, configuration, run, sdkLines } from "./sdk-line.ts";

const oneOutage = [200, 503, 200];
const twoOutages = [...oneOutage, 503, 200];
const register = "@opentelemetry/auto-instrumentations-node/register";

describe.concurrent.each(sdkLines)("a service that is watched by an SDK of the %s.x line", (line) => {
  let folder = "";
  beforeAll(async () => {
    folder = await applicationOf(line);
  }, 240_000);

  /** Runs a fixture whose SDK keeps spans and events in memory. */
  const runAlone = async (fixture: string) =>
    run(folder, [`${fixture}.ts`], { METRICS_PORTS: `${await freePort()},${await freePort()}` });

  it("which starts after the service, and after an outage", async () => {
    const { answers, incidents, backends } = await runAlone("app-first");
    expect(answers).toEqual(twoOutages);
    expectSeen(backends[0], 2, incidents.slice(1));
  });

  it("which starts first, and is not given the plugin", async () => {
    const { answers, incidents, backends } = await runAlone("sdk-first");
    expect(answers).toEqual(oneOutage);
    expectSeen(backends[0], 1, incidents);
  });

  it("in whose configuration health is made", async () => {
    const { answers, incidents, backends } = await runAlone("in-sdk-config");
    expect(answers).toEqual(oneOutage);
    expectSeen(backends[0], 1, incidents);
  });

  it("which comes late, and is not given the plugin", async () => {
    const { answers, incidents, backends } = await runAlone("late");
    expect(answers).toEqual(twoOutages);
    expectSeen(backends[0], 2, incidents.slice(1));
  });

  it("which takes the place of another", async () => {
    const { answers, incidents, backends } = await runAlone("provider-twice");
    expect(answers).toEqual(twoOutages);
    const [first, second] = backends;
    expectSeen(first, 1, incidents.slice(0, 1));
    expectSeen(second, 2, incidents.slice(1));
    expect(second?.spans.filter(({ name }) => name === "health.outage db")).toHaveLength(1);
  });

  it("in which someone else's metric hangs", async () => {
    const { answers, incidents, backends, more } = await runAlone("hung-callback");
    expect(answers).toEqual(oneOutage);
    expect(more).toEqual({ errors: 1 });
    expectSeen(backends[0], 1, incidents);
  });

  it("all of whose exports throw", async () => {
    const { answers, incidents, more } = await runAlone("throwing-exporters");
    expect(answers).toEqual(twoOutages);
    expect(new Set(incidents).size).toBe(2);
    expect((more as { exports: number }).exports).toBeGreaterThan(6);
  });

  it("which is shut down while its checks run", async () => {
    const { answers, incidents, backends } = await runAlone("sdk-shut-down");
    expect(answers).toEqual([...twoOutages, 503, 200]);
    expectSeen(backends[0], 1, incidents.slice(0, 1));
    for (const id of incidents) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ["which startNodeSdk starts", ["start-node-sdk.ts"]],
    ["which is started by --import", ["--import", "./instrumentation.ts", "app.ts"]],
    ["which is started by --require", ["--require", "./instrumentation.cjs", "app.cjs"]],
    ["which registers itself by --import, and is not given the plugin", ["--import", register, "app.ts"]],
    ["which registers itself by --require, and is not given the plugin", ["--require", register, "app.cjs"]],
  ])("%s, configured by the environment", async (_, args) => {
    await using receiver = await startOtlpReceiver();
    const port = await freePort();
    const told = await run(folder, args, configuration(receiver.url, port));
    expectOneOutage(told, receiver);
  });

  it("which startNodeSdk starts, configured by a file", async () => {
    await using receiver = await startOtlpReceiver();
    const port = await freePort();
    const told = await run(folder, ["start-node-sdk.ts"], {
      METRICS_PORTS: `${port}`,
      OTEL_CONFIG_FILE: configFile(`${line}.yaml`, receiver.url, port),
    });
    expectOneOutage(told, receiver);
  });

  function expectOneOutage({ answers, incidents, backends }: Told, { spans, logs, refused }: OtlpReceiver): void {
    expect(answers).toEqual(oneOutage);
    expect(refused).toEqual([]);
    expectSeen({ page: backends[0]?.page ?? "", spans, events: logs }, 1, incidents);
  }

  it("that is not there", async () => {
    const { answers, incidents } = await run(folder, ["app.ts"]);
    expect(answers).toEqual(oneOutage);
    expect(incidents).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });
});

const files = mkdtempSync(join(tmpdir(), "otel-config-"));
afterAll(() => rmSync(files, { recursive: true, force: true }));

/** What `configuration()` says, in a file. */
function configFile(name: string, url: string, port: number): string {
  const file = join(files, name);
  const otlp = (signal: string) => `{ simple: { exporter: { otlp_http: { endpoint: "${url}/v1/${signal}" } } } }`;
  const text = `
file_format: "1.0"
log_level: error
meter_provider:
  readers:
    - pull: { exporter: { prometheus/development: { host: 127.0.0.1, port: ${port} } } }
tracer_provider:
  processors:
    - ${otlp("traces")}
logger_provider:
  processors:
    - ${otlp("logs")}
`;
  writeFileSync(file, text);
  return file;
}
