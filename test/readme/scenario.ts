import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { createHealth, heartbeat } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { logTransitions } from "@otel-health/pino";
import { pino } from "pino";

/** What the README shows of the outage, by the name of the block. */
export type Outputs = { readonly [block in "report" | "summary" | "metrics" | "log" | "span" | "text"]: string };

class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Ids that are the same in every run: a page that changes with each test could not be compared. */
function repeatableIds() {
  let traces = 0;
  let spans = 0;
  return {
    generateTraceId: () => `${(0x9f2c41d0 + 0x1b3d7 * traces++).toString(16)}7be85a3661c4de0f83b7a915`,
    generateSpanId: () => `6a1e0c3b9d5f${(0x2480 + spans++).toString(16)}`,
  };
}

/** Plays the outage that the README tells of, on a fake clock and the real SDK, and returns what came out. */
export async function playOutage(): Promise<Outputs> {
  const clock = new FakeClock(Date.UTC(2026, 10, 22, 12, 59, 8), 7);
  let refusing = false;
  const health = createHealth({
    clock,
    service: { name: "orders", version: "1.4.2", instance: "orders-7d9f", commit: "1f3c2ab" },
    checks: {
      postgres: {
        async run({ clock }) {
          await new Promise<void>((resolve) => {
            clock.setTimer(resolve, refusing ? 1 : 3, false);
          });
          if (refusing) throw Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
        },
        hint: "is the database running?",
      },
      cache: { run: () => {}, critical: false },
      outbox: heartbeat({ maxAgeMs: 30_000 }),
    },
  });

  const reader = new PullReader();
  const spans = new InMemorySpanExporter();
  const lines: string[] = [];
  health.instrumentation.setMeterProvider(new MeterProvider({ readers: [reader] }));
  health.instrumentation.setTracerProvider(
    new TracerProvider({
      idGenerator: repeatableIds(),
      spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
    }),
  );
  const logger = pino(
    { base: null, timestamp: () => `,"time":${Math.round(clock.wallTime())}` },
    { write: (line) => void lines.push(line) },
  );
  logTransitions(health, logger);

  await health.start();
  health.checks.outbox.beat();
  await clock.advance(1_000);
  refusing = true;
  const limit = clock.now() + 60_000;
  while (health.checks.postgres.status !== "unhealthy" && clock.now() < limit) await clock.advance(100);

  const full = health.report("readiness");
  const summary = health.respond({ method: "GET", url: "/readyz" });
  const { resourceMetrics } = await reader.collect();
  const text = health.respond({ method: "GET", url: "/readyz", headers: { accept: "text/plain" } });
  const page = new PrometheusSerializer(undefined, false, undefined, true, true).serialize(resourceMetrics);
  const line = lines.find((candidate) => candidate.includes('"postgres"') && candidate.includes('"unhealthy"'));
  const span = spans
    .getFinishedSpans()
    .find(
      ({ name, attributes }) => name === "health.transition postgres" && attributes["health.state"] === "unhealthy",
    );
  await health.stop();
  if (summary === undefined || text === undefined || line === undefined || span === undefined)
    throw new Error("the outage did not come out whole");
  return {
    report: JSON.stringify(full, null, 2),
    summary: `HTTP/1.1 ${summary.status}\n${Object.entries(summary.headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n")}\n\n${JSON.stringify(JSON.parse(summary.body), null, 2)}`,
    metrics: page.split("\n").filter(isShown).join("\n"),
    log: JSON.stringify(JSON.parse(line), null, 2),
    span: JSON.stringify(plain(span), null, 2),
    text: text.body.trimEnd(),
  };
}

/** One check and one probe of the page; the rest is alike. */
function isShown(line: string): boolean {
  return (
    /^health_check_(status|transitions_total|result_age)\{health_check_name="postgres"/.test(line) ||
    /^health_check_duration_(count|sum)\{health_check_name="postgres"/.test(line) ||
    /^health_probe_(status|requests_total)\{health_probe_type="readiness"/.test(line)
  );
}

function plain(span: ReadableSpan): object {
  const { traceId, spanId } = span.spanContext();
  return {
    name: span.name,
    traceId,
    spanId,
    status: span.status,
    attributes: span.attributes,
    links: span.links.map(({ context }) => ({ traceId: context.traceId, spanId: context.spanId })),
  };
}
