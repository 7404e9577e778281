import type { Report } from "@otel-health/core";
import { kubeProbe, until } from "@otel-health/testkit";
import { type OtlpReceiver, startOtlpReceiver } from "@otel-health/testkit/otlp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Prometheus, startPrometheus } from "../servers/prometheus.ts";
import { promtoolCheckMetrics } from "../servers/promtool.ts";
import { missing } from "../servers/require-server.ts";
import { type RunningOrders, startOrders } from "./orders.ts";

const waiting = { timeoutMs: 30_000, everyMs: 50 };

/** One outage of the example service's database, told once; the tests look at what each onlooker saw of it. */
describe.skipIf(missing("prometheus", "promtool"))("an outage of the example service's database", () => {
  const stack = new AsyncDisposableStack();
  let orders: RunningOrders;
  let otlp: OtlpReceiver;
  let prometheus: Prometheus;
  let page = "";
  let during: Report;
  let incident = "";
  let readinessDuring: { status: number | undefined; body: string };
  let livenessDuring: { status: number | undefined };
  let readinessDraining: { status: number | undefined };
  let livenessDraining: { status: number | undefined };
  let exit: { code: number | null };

  const ask = (path: string) => kubeProbe(`${orders.url}${path}`);
  const untilStatus = (path: string, status: number) =>
    until(
      async () => {
        const probe = await ask(path);
        return probe.status === status && probe;
      },
      {
        ...waiting,
        describe: () => `${path} answers ${status}; the service said: ${orders.service.output.slice(-2_000)}`,
      },
    );
  const postgres = (selector: string) => `health_check_status{health_check_name="postgres",${selector}}`;

  beforeAll(async () => {
    otlp = stack.use(await startOtlpReceiver());
    orders = stack.use(
      await startOrders({
        HEALTH_INTERVAL_MS: "1000",
        DRAIN_DELAY_MS: "1500",
        OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
        OTEL_BSP_SCHEDULE_DELAY: "100",
        OTEL_BLRP_SCHEDULE_DELAY: "100",
      }),
    );
    prometheus = stack.use(await startPrometheus({ scrape: [{ job: "orders", target: orders.metrics }] }));
    await untilStatus("/readyz", 200);
    await prometheus.waitForSample(postgres('health_state="healthy"'), ({ value }) => value === 1, waiting);

    await orders.proxy.setMode("refuse");
    readinessDuring = await untilStatus("/readyz", 503);
    livenessDuring = await ask("/livez");
    during = (await (await fetch(`${orders.adminUrl}/readyz`)).json()) as Report;
    incident = during.checks?.["postgres"]?.incidentId ?? "";
    await prometheus.waitForSample(postgres('health_state="unhealthy"'), ({ value }) => value === 1, waiting);
    await prometheus.waitForSample(
      'health_probe_status{health_probe_type="readiness",health_state="unhealthy"}',
      ({ value }) => value === 1,
      waiting,
    );
    page = await (await fetch(`http://${orders.metrics}/metrics`)).text();

    await orders.proxy.setMode("pass");
    await untilStatus("/readyz", 200);
    await prometheus.waitForSample(postgres('health_state="healthy"'), ({ value }) => value === 1, waiting);
    await until(() => otlp.spans.some(({ name }) => name === "health.outage postgres"), {
      ...waiting,
      describe: "the outage span",
    });

    const stopped = orders.service.stop({ timeoutMs: 20_000 });
    readinessDraining = await untilStatus("/readyz", 503);
    livenessDraining = await ask("/livez");
    exit = await stopped;
  }, 120_000);
  afterAll(() => stack.disposeAsync(), 30_000);

  it("took readiness away and left liveness alone, and the drain did the same", () => {
    expect([readinessDuring.status, livenessDuring.status]).toEqual([503, 200]);
    expect(JSON.parse(readinessDuring.body)).toMatchObject({
      status: "unhealthy",
      message: expect.stringMatching(/^postgres is unhealthy since /),
    });
    expect([readinessDraining.status, livenessDraining.status]).toEqual([503, 200]);
    expect(exit.code).toBe(0);
  });

  it("is in Prometheus: states, transitions, durations, and a liveness that never fell", async () => {
    const value = async (promql: string) => (await prometheus.query(promql))[0]?.value;
    expect(
      await value('max_over_time(health_check_status{health_check_name="postgres",health_state="unhealthy"}[10m])'),
    ).toBe(1);
    // The four states of a check are one state at every moment that was scraped.
    expect(await value('min_over_time(sum(health_check_status{health_check_name="postgres"})[10m:100ms])')).toBe(1);
    expect(await value('max_over_time(sum(health_check_status{health_check_name="postgres"})[10m:100ms])')).toBe(1);
    expect(
      await value('min_over_time(health_probe_status{health_probe_type="liveness",health_state="healthy"}[10m])'),
    ).toBe(1);
    expect(
      await value('max_over_time(health_probe_status{health_probe_type="readiness",health_state="unhealthy"}[10m])'),
    ).toBe(1);
    const transitions = (state: string, previous: string) =>
      value(
        `max_over_time(health_check_transitions_total{health_check_name="postgres",health_state="${state}",health_previous_state="${previous}"}[10m])`,
      );
    expect(await transitions("unhealthy", "healthy")).toBe(1);
    expect(await transitions("healthy", "unhealthy")).toBe(1);
    expect(
      await value(
        'max_over_time(health_check_duration_count{health_check_name="postgres",health_check_result="fail",error_type="ECONNREFUSED"}[10m])',
      ),
    ).toBeGreaterThanOrEqual(3);
    expect(
      await value(
        'max_over_time(health_check_duration_count{health_check_name="postgres",health_check_result="pass"}[10m])',
      ),
    ).toBeGreaterThanOrEqual(2);
    expect(
      await value(
        'max_over_time(health_check_duration_sum{health_check_name="postgres",health_check_result="pass"}[10m])',
      ),
    ).toBeGreaterThan(0);
    expect(await value("max_over_time(health_startup_duration_count[10m])")).toBe(1);
    expect(
      await value(
        'max_over_time(health_probe_requests_total{health_probe_type="readiness",http_response_status_code="503"}[10m])',
      ),
    ).toBeGreaterThanOrEqual(1);
  });

  it("left a page that promtool finds nothing wrong with", async () => {
    expect(await promtoolCheckMetrics(page)).toEqual([]);
  });

  it("has one incident id in the report, the log line, the event and the spans", () => {
    expect(incident).toMatch(/^[0-9a-f]{32}$/);
    const line = orders.logged().find(({ check, state }) => check === "postgres" && state === "unhealthy");
    expect(line).toMatchObject({
      level: 50,
      incident_id: incident,
      trace_id: incident,
      error_type: "ECONNREFUSED",
      hint: "nothing listens at that address: is the server running, and is it the right host and port?",
    });
    const event = otlp.logs.find(
      ({ eventName, attributes }) =>
        eventName === "health.check.transition" &&
        attributes["health.check.name"] === "postgres" &&
        attributes["health.state"] === "unhealthy",
    );
    expect(event).toMatchObject({
      severityNumber: 17,
      traceId: incident,
      spanId: line?.["span_id"],
      attributes: { "health.incident.id": incident, "error.type": "ECONNREFUSED" },
    });
    const transition = otlp.spans.find(({ spanId }) => spanId === event?.spanId);
    expect(transition).toMatchObject({
      name: "health.transition postgres",
      traceId: incident,
      status: { code: 2 },
      attributes: { "health.incident.id": incident },
    });
    expect(transition?.parentSpanId).toBeUndefined();
    expect(transition?.startTimeUnixNano).toBe(transition?.endTimeUnixNano);
    expect(new Date(Number((transition?.startTimeUnixNano ?? 0n) / 1_000_000n)).toISOString()).toBe(
      during.checks?.["postgres"]?.since,
    );
  });

  it("links the transition to the runs that failed, all of which arrived", () => {
    const transition = otlp.spans.find(
      ({ name, attributes }) => name === "health.transition postgres" && attributes["health.state"] === "unhealthy",
    );
    expect(transition?.links.length).toBeGreaterThanOrEqual(3);
    for (const { traceId, spanId } of transition?.links ?? []) {
      const run = otlp.spans.find((span) => span.spanId === spanId);
      expect(run).toMatchObject({
        name: "health.check postgres",
        traceId,
        attributes: { "health.check.result": "fail", "error.type": "ECONNREFUSED" },
      });
    }
  });

  it("ends in an outage span, a child of the transition, from the first failure to the recovery", () => {
    const outage = otlp.spans.find(({ name }) => name === "health.outage postgres");
    const [opened, closed] = otlp.spans.filter(
      ({ name, traceId }) => name === "health.transition postgres" && traceId === incident,
    );
    expect(outage).toMatchObject({
      traceId: incident,
      parentSpanId: opened?.spanId,
      attributes: {
        "health.outage.end_reason": "recovered",
        "health.state": "unhealthy",
        "health.incident.id": incident,
      },
    });
    expect(closed).toMatchObject({
      parentSpanId: opened?.spanId,
      attributes: { "health.state": "healthy", "health.incident.id": incident },
    });
    expect(outage?.endTimeUnixNano).toBe(closed?.startTimeUnixNano);
    const firstFailure = otlp.spans.find(({ spanId }) => spanId === opened?.links[0]?.spanId);
    expect(outage?.startTimeUnixNano).toBe(firstFailure?.endTimeUnixNano);
  });

  it("exported the drain before the process ended, as no error", () => {
    const drain = otlp.logs.find(
      ({ eventName, attributes }) =>
        eventName === "health.probe.transition" && attributes["health.lifecycle"] === "draining",
    );
    expect(drain).toMatchObject({
      severityNumber: 9,
      attributes: { "health.probe.type": "readiness", "health.state": "unhealthy" },
    });
    expect(otlp.refused).toEqual([]);
  });

  it("made no span of a probe or of a check's own calls", () => {
    // The exporter's own server is instrumented like any other: scrapes are spans, for the application to ignore.
    const others = otlp.spans.filter(
      ({ name, attributes }) => !name.startsWith("health.") && attributes["url.path"] !== "/metrics",
    );
    expect(others).toEqual([]);
  });
});
