import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child, freePort } from "@otel-health/testkit";
import { startOtlpReceiver } from "@otel-health/testkit/otlp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Seen } from "./fixtures/backend.ts";
import type { Told } from "./fixtures/tell.ts";

const fixtures = join(import.meta.dirname, "fixtures");

/** Runs a fixture to its end, and fails with its output where that is not an orderly one. */
async function run(fixture: string, env: NodeJS.ProcessEnv = {}): Promise<Told> {
  const ports = [await freePort(), await freePort()];
  await using child = new Child({
    command: process.execPath,
    args: [join(fixtures, `${fixture}.ts`)],
    env: { PATH: process.env["PATH"], METRICS_PORTS: ports.join(), OTEL_NODE_RESOURCE_DETECTORS: "none", ...env },
  });
  const { code } = await child.exited;
  expect(code, child.output).toBe(0);
  return JSON.parse(child.stdout.at(-1) ?? "");
}

/** One sample of a page, whatever the scope's own labels are. */
function sample(page: string, name: string, ...labels: string[]): number | undefined {
  const lines = page
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)));
  if (lines.length !== 1) return undefined;
  return Number(lines[0]?.split(" ").at(-1));
}

/** What must be seen of a service that had `outages` so far, of which the last `told` ones while the backend was there. */
function expectOutages({ page, spans, events }: Seen, outages: number, incidents: readonly (string | null)[]) {
  const db = 'health_check_name="db"';
  const states = ["healthy", "degraded", "unhealthy", "unknown"];
  expect(states.map((state) => sample(page, "health_check_status", db, `health_state="${state}"`))).toEqual([
    1, 0, 0, 0,
  ]);
  expect({
    failed: sample(page, "health_check_transitions_total", db, 'health_state="unhealthy"', '_previous_state="healthy"'),
    recovered: sample(
      page,
      "health_check_transitions_total",
      db,
      'health_state="healthy"',
      '_previous_state="unhealthy"',
    ),
    first: sample(page, "health_check_transitions_total", db, 'health_state="healthy"', '_previous_state="unknown"'),
    started: sample(page, "health_startup_duration_count"),
    probes: sample(page, "health_probe_requests_total", 'type="readiness"', 'status_code="503"'),
  }).toEqual({ failed: outages, recovered: outages, first: 1, started: 1, probes: outages });
  expectIncidents(spans, events, incidents);
}

function expectIncidents(
  spans: readonly { readonly name: string; readonly attributes: object }[],
  events: readonly {
    readonly eventName?: string | undefined;
    readonly traceId?: string | undefined;
    readonly attributes: object;
  }[],
  incidents: readonly (string | null)[],
) {
  const transition = "health.check.transition";
  for (const id of incidents) {
    const of = { attributes: expect.objectContaining({ "health.incident.id": id }) };
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.transition db", ...of }));
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.outage db", ...of }));
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.check db" }));
    expect(events.filter(({ eventName, traceId }) => eventName === transition && traceId === id)).toHaveLength(2);
  }
}

const oneOutage = [200, 503, 200];
const twoOutages = [...oneOutage, 503, 200];

describe.concurrent("a service that is watched by an SDK of the 3.x line", () => {
  it("which starts after the service, and after an outage", async () => {
    const { answers, incidents, backends } = await run("app-first");
    expect(answers).toEqual(twoOutages);
    expectOutages(backends[0]!, 2, incidents.slice(1));
  });

  it("which starts first, and is not given the instrumentation", async () => {
    const { answers, incidents, backends } = await run("sdk-first");
    expect(answers).toEqual(oneOutage);
    expectOutages(backends[0]!, 1, incidents);
  });

  it("in whose configuration health is made", async () => {
    const { answers, incidents, backends } = await run("in-sdk-config");
    expect(answers).toEqual(oneOutage);
    expectOutages(backends[0]!, 1, incidents);
  });

  it("which startNodeSdk starts, from options and environment", async () => {
    const { answers, incidents, backends } = await run("start-node-sdk", { OTEL_LOG_LEVEL: "error" });
    expect(answers).toEqual(oneOutage);
    expectOutages(backends[0]!, 1, incidents);
  });

  it("which comes late, without the instrumentation", async () => {
    const { answers, incidents, backends } = await run("late");
    expect(answers).toEqual(twoOutages);
    expectOutages(backends[0]!, 2, incidents.slice(1));
  });

  it("which takes the place of another", async () => {
    const { answers, incidents, backends } = await run("provider-twice");
    expect(answers).toEqual(twoOutages);
    const [first, second] = backends;
    expectOutages(first!, 1, incidents.slice(0, 1));
    expectOutages(second!, 2, incidents.slice(1));
    expect(second!.spans.filter(({ name }) => name === "health.outage db")).toHaveLength(1);
  });

  it("in which someone else's metric hangs", async () => {
    const { answers, incidents, backends, more } = await run("hung-callback");
    expect(answers).toEqual(oneOutage);
    expect(more).toEqual({ errors: 1 });
    expectOutages(backends[0]!, 1, incidents);
  });

  it("all of whose exports throw", async () => {
    const { answers, incidents, more } = await run("throwing-exporters");
    expect(answers).toEqual(twoOutages);
    expect(new Set(incidents).size).toBe(2);
    expect(more).toMatchObject({ exports: expect.any(Number) });
    expect((more as { exports: number }).exports).toBeGreaterThan(6);
  });

  it("which is shut down while its checks run", async () => {
    const { answers, incidents, backends } = await run("sdk-shut-down");
    expect(answers).toEqual([...twoOutages, 503, 200]);
    expectOutages(backends[0]!, 1, incidents.slice(0, 1));
    for (const id of incidents) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("a service whose SDK is configured by a file", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-config-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is seen although the SDK never hands over its meter provider", async () => {
    await using receiver = await startOtlpReceiver();
    const port = await freePort();
    const file = join(folder, "otel.yaml");
    const otlp = (signal: string) =>
      `{ simple: { exporter: { otlp_http: { endpoint: "${receiver.url}/v1/${signal}" } } } }`;
    writeFileSync(
      file,
      `
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
`,
    );
    const { answers, incidents, backends } = await run("config-file", {
      OTEL_CONFIG_FILE: file,
      METRICS_PORTS: `${port}`,
    });
    expect(answers).toEqual(oneOutage);
    expect(receiver.refused).toEqual([]);
    expectOutages(
      { page: backends[0]!.page, spans: receiver.spans, events: receiver.logs as Seen["events"] },
      1,
      incidents,
    );
  });
});

describe("a service without any SDK", () => {
  it("answers its probes, and its incidents have an id", async () => {
    const { answers, incidents } = await run("no-sdk");
    expect(answers).toEqual(oneOutage);
    expect(incidents).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });
});
