import { context, logs, metrics, SeverityNumber, SpanStatusCode, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";

// A process that sends one of each through the real SDK, set up by OTEL_* variables alone as a deployed service is. It
// prints the ids that the SDK has drawn.

const sdk = new NodeSDK({ serviceName: "emitter", autoDetectResources: false });
sdk.start();

const tracer = trace.getTracer("emit-tracer");
const linked = tracer.startSpan("linked");
linked.end();

const parent = tracer.startSpan("parent");
const span = tracer.startSpan(
  "health.check",
  {
    startTime: [1_700_000_000, 123_456_789],
    attributes: { text: "größe", yes: true, integer: -7, big: 2 ** 40, half: 0.5, list: ["a", "b"] },
    links: [{ context: linked.spanContext(), attributes: { why: "previous run" } }],
  },
  trace.setSpan(context.active(), parent),
);
span.setStatus({ code: SpanStatusCode.ERROR, message: "connection refused" });
span.end([1_700_000_001, 1]);
parent.end();

logs.getLogger("emit-logger").emit({
  eventName: "health.check.status_changed",
  timestamp: [1_700_000_002, 987_654_321],
  severityNumber: SeverityNumber.WARN,
  body: { message: "db is unhealthy", failures: 3, codes: [1, 2.5] },
  attributes: { "health.check.name": "db" },
  context: trace.setSpan(context.active(), span),
});

const meter = metrics.getMeter("emit-meter");
meter.createCounter("runs", { unit: "{run}", description: "Runs." }).add(3, { check: "db" });
meter.createUpDownCounter("in_flight").add(-2);
meter.createGauge("status").record(0.5, { check: "db" });
const histogram = meter.createHistogram("duration", { unit: "s", advice: { explicitBucketBoundaries: [0.1, 1] } });
for (const seconds of [0.05, 0.5, 0.5, 4]) histogram.record(seconds, { check: "db" });

await sdk.shutdown();
const { traceId } = span.spanContext();
const ids = {
  traceId,
  spanId: span.spanContext().spanId,
  parentSpanId: parent.spanContext().spanId,
  linked: linked.spanContext(),
};
process.stdout.write(`sent ${JSON.stringify(ids)}\n`);
