import { type Attributes, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { answerParent } from "./answer-parent.ts";
import { type StormAnswers, type StormOptions, StormSdk } from "./storm.ts";

const { checks: count, flips }: StormOptions = JSON.parse(process.argv[2] as string);
const sdk = new StormSdk();
const tracer = sdk.tracerProvider.getTracer("bare");
const logger = sdk.loggerProvider.getLogger("bare");
const meter = sdk.meterProvider.getMeter("bare");
const checkTransitions = meter.createCounter("health.check.transitions");
const probeTransitions = meter.createCounter("health.probe.transitions");
const names = Array.from({ length: count }, (_, i) => `check-${i}`);

/** What a transition of a check leaves behind, written one after the other. */
function tell(name: string, down: boolean): void {
  const state = down ? "unhealthy" : "healthy";
  const previous = down ? "healthy" : "unhealthy";
  const now = Date.now();
  const attributes: Attributes = {
    "health.check.name": name,
    "health.state": state,
    "health.previous_state": previous,
    "health.check.critical": true,
    "health.check.consecutive_failures": down ? 1 : 0,
    "health.incident.id": "0123456789abcdef0123456789abcdef",
  };
  if (down) {
    attributes["health.check.message"] = "the database is gone";
    attributes["error.type"] = "ECONNREFUSED";
    attributes["health.check.fault"] = "transient";
  }
  const span = tracer.startSpan(
    `health.transition ${name}`,
    { kind: SpanKind.INTERNAL, root: true, startTime: now, attributes },
    ROOT_CONTEXT,
  );
  if (down) span.setStatus({ code: SpanStatusCode.ERROR, message: "the database is gone" });
  span.end(now);
  checkTransitions.add(1, { "health.check.name": name, "health.state": state, "health.previous_state": previous });
  logger.emit({
    eventName: "health.check.transition",
    severityNumber: down ? 17 : 9,
    timestamp: now,
    body: `${name} is ${state}`,
    attributes,
    context: trace.setSpan(ROOT_CONTEXT, span),
  });
  if (!down) tellOutage(name, now);
}

function tellOutage(name: string, now: number): void {
  const attributes = {
    "health.check.name": name,
    "health.check.critical": true,
    "health.state": "unhealthy",
    "health.incident.id": "0123456789abcdef0123456789abcdef",
    "health.outage.end_reason": "recovered",
  };
  const span = tracer.startSpan(
    `health.outage ${name}`,
    { kind: SpanKind.INTERNAL, root: true, startTime: now, attributes },
    ROOT_CONTEXT,
  );
  span.setStatus({ code: SpanStatusCode.ERROR, message: "unhealthy" });
  span.end(now);
}

function tellProbe(probe: string, down: boolean): void {
  const state = down ? "unhealthy" : "healthy";
  const previous = down ? "healthy" : "unhealthy";
  const attributes = { "health.probe.type": probe, "health.state": state, "health.previous_state": previous };
  probeTransitions.add(1, attributes);
  logger.emit({ eventName: "health.probe.transition", body: `${probe} is ${state}`, attributes });
}

answerParent({
  async start() {},
  storms: () =>
    sdk.storms(flips, (down) => {
      for (const name of names) tell(name, down);
      for (const probe of ["readiness", "serving"]) tellProbe(probe, down);
    }),
} satisfies StormAnswers);
