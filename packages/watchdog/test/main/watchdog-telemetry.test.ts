import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { DataPointType, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { createHealth, type Health } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { attributes, events, metrics, scopeName, spans } from "@otel-health/watchdog";
import { describe, expect, it } from "vitest";
import { WatchdogTelemetry } from "../../src/main/watchdog-telemetry.ts";
import { version } from "../../src/version.ts";
import type { ToldBlock } from "../../src/worker/probe-work.ts";

class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** A health object that hands its telemetry to a whole SDK in memory. */
class Sdk {
  readonly reader = new Reader();
  readonly #spans = new InMemorySpanExporter();
  readonly #logs = new InMemoryLogRecordExporter();

  constructor({ instrumentation }: Health) {
    instrumentation.setMeterProvider(new MeterProvider({ readers: [this.reader] }));
    instrumentation.setTracerProvider(
      new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: this.#spans })] }),
    );
    instrumentation.setLoggerProvider(
      new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: this.#logs })] }),
    );
  }

  get spans() {
    return this.#spans.getFinishedSpans().filter(({ instrumentationScope }) => instrumentationScope.name === scopeName);
  }

  get logs() {
    return this.#logs
      .getFinishedLogRecords()
      .filter(({ instrumentationScope }) => instrumentationScope.name === scopeName);
  }

  /** The package's metrics by name. */
  async metrics() {
    const { resourceMetrics, errors } = await this.reader.collect();
    expect(errors).toEqual([]);
    const own = resourceMetrics.scopeMetrics.find(({ scope }) => scope.name === scopeName);
    // The SDK tells of no scope that has no values.
    expect(own?.scope.version ?? version).toBe(version);
    return new Map(own?.metrics.map((metric) => [metric.descriptor.name, metric]));
  }
}

const since = Date.UTC(2026, 10, 22, 12);
const stack = {
  stacktrace: "    at collect (/app/orders.js:12:3)",
  functionName: "collect",
  filePath: "/app/orders.js",
  lineNumber: 12,
};

function block(of: Partial<ToldBlock> = {}): ToldBlock {
  return { since, silentMs: 3_250, starvedMs: 40, stage: "unready", cause: causeOf("running"), stack, ...of };
}

function causeOf(cause: ToldBlock["cause"]["cause"]): ToldBlock["cause"] {
  return { cause, onCpuMs: 0, starvedMs: 0 };
}

describe("the telemetry of a watchdog", () => {
  it("tells of a block in an event, a span that covers it and is tied to it, and a duration", async () => {
    const health = createHealth({ clock: new FakeClock() });
    const sdk = new Sdk(health);
    const telemetry = new WatchdogTelemetry(health, new FakeClock());
    telemetry.blocked(block());
    const told = {
      [attributes.blockCause]: "running",
      [attributes.blockStage]: "unready",
      [attributes.blockStarved]: 0.04,
      "code.stacktrace": "    at collect (/app/orders.js:12:3)",
      "code.function.name": "collect",
      "code.file.path": "/app/orders.js",
      "code.line.number": 12,
    };
    const body = "the event loop did not turn for 3.3 s, running in collect";
    const [span] = sdk.spans;
    expect(span).toMatchObject({
      name: spans.loopBlock,
      startTime: [since / 1_000, 0],
      endTime: [since / 1_000 + 3, 250_000_000],
      attributes: told,
      status: { code: 2, message: body },
      parentSpanContext: undefined,
    });
    expect(sdk.logs).toHaveLength(1);
    expect(sdk.logs[0]).toMatchObject({
      eventName: events.loopBlocked,
      severityNumber: 17,
      body,
      attributes: told,
      hrTime: span?.endTime,
      spanContext: { traceId: span?.spanContext().traceId, spanId: span?.spanContext().spanId },
    });
    const duration = (await sdk.metrics()).get(metrics.loopBlockDuration.name);
    expect(duration).toMatchObject({
      descriptor: { unit: "s" },
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: [{ attributes: { [attributes.blockCause]: "running" }, value: { count: 1, sum: 3.25 } }],
    });
    telemetry.close();
    await health.stop();
  });

  it("takes a block that failed no probe for a warning", async () => {
    const health = createHealth({ clock: new FakeClock() });
    const sdk = new Sdk(health);
    const telemetry = new WatchdogTelemetry(health, new FakeClock());
    telemetry.blocked(block({ stage: "blocked" }));
    expect(sdk.logs).toMatchObject([{ severityNumber: 13 }]);
    expect(sdk.spans).toMatchObject([{ status: { code: 0 } }]);
    telemetry.close();
    await health.stop();
  });

  it.each([
    ["running", undefined, ", running"],
    ["waiting", stack, ", waiting in collect"],
    ["starved", stack, ", for want of CPU"],
    ["unknown", stack, " in collect"],
    ["unknown", undefined, ""],
    ["running", { stacktrace: "    at node:fs:1:1" }, ", running"],
  ] as const)("says of one that was %s what is known of it", async (cause, stack, said) => {
    const health = createHealth({ clock: new FakeClock() });
    const sdk = new Sdk(health);
    const telemetry = new WatchdogTelemetry(health, new FakeClock());
    telemetry.blocked(block({ cause: causeOf(cause), stack, silentMs: 1_000 }));
    expect(sdk.logs[0]?.body).toBe(`the event loop did not turn for 1.0 s${said}`);
    expect(sdk.logs[0]?.attributes).not.toHaveProperty("code.line.number", undefined);
    telemetry.close();
    await health.stop();
  });

  it("tells of a thread that was started again", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    const sdk = new Sdk(health);
    const telemetry = new WatchdogTelemetry(health, clock);
    telemetry.restarted("out of memory", 2);
    expect(sdk.logs).toMatchObject([
      {
        eventName: events.watchdogRestarted,
        severityNumber: 13,
        body: "the watchdog's thread was started again: out of memory",
        attributes: { [attributes.restartReason]: "out of memory", [attributes.restarts]: 2 },
      },
    ]);
    telemetry.close();
    await health.stop();
  });

  it("measures the loop interval by interval, from when a meter asks until it is closed", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    const armed = clock.armed;
    const telemetry = new WatchdogTelemetry(health, clock);
    const sdk = new Sdk(health);
    expect(clock.armed).toBe(armed);
    const values = async () => {
      const all = await sdk.metrics();
      const { loopDelayP99, loopDelayMax, loopUtilization } = metrics;
      return [loopDelayP99, loopDelayMax, loopUtilization].map(({ name }) => all.get(name)?.dataPoints[0]?.value);
    };
    expect(await values()).toEqual([undefined, undefined, undefined]);
    expect(clock.armed).toBe(armed + 1);
    await clock.advance(10_000);
    const [p99, max, utilization] = await values();
    expect(p99).toBeLessThanOrEqual(max as number);
    expect(utilization).toBeGreaterThanOrEqual(0);
    expect(utilization).toBeLessThanOrEqual(1);
    telemetry.close();
    expect(clock.armed).toBe(armed);
    await health.stop();
  });

  it("has a definition for each metric that follows the naming rules", () => {
    for (const { name, unit, attributes } of Object.values(metrics)) {
      expect(name).toMatch(/^health\.[a-z]+(\.[a-z][a-z0-9_]*)+$/);
      expect(name).not.toContain("total");
      expect(unit).toMatch(/^(s|1|\{[a-z]+\})$/);
      expect(attributes.every((attribute) => attribute.startsWith("health."))).toBe(true);
    }
  });
});
