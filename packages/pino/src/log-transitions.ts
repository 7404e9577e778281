import { events, type Health, HealthError, type Severity, type Transition } from "@otel-health/core";
import type { Logger } from "pino";

const levels: readonly Severity[] = ["debug", "info", "warn", "error"];

/**
 * Writes one line for each transition of a check or a probe, at the level of its severity, on the application's own
 * logger, whose redaction and bindings apply. Returns a function that ends it.
 */
export function logTransitions(health: Pick<Health, "on">, logger: Pick<Logger, Severity>): () => void {
  const missing = levels.filter((level) => typeof logger?.[level] !== "function");
  if (missing.length > 0) {
    throw new HealthError(
      "invalid_option",
      `logger of logTransitions() must be a pino logger with pino's own levels (missing: ${missing.join(", ")}); give it one without useOnlyCustomLevels`,
    );
  }
  return health.on("transition", (transition) => {
    const subject = transition.type === "check" ? transition.name : transition.probe;
    logger[transition.severity](fields(transition), `${subject} is ${transition.state}`);
  });
}

/** Flat, with the names of the telemetry's attributes in snake case; what does not apply is left out. */
function fields(transition: Transition): object {
  const { state, previousState, incidentId, traceId, spanId } = transition;
  const common = {
    state,
    previous_state: previousState,
    ...(incidentId !== null && { incident_id: incidentId }),
    ...(traceId !== null && { trace_id: traceId }),
    ...(spanId !== null && { span_id: spanId }),
  };
  if (transition.type === "probe") {
    const { probe, lifecycle, checks } = transition;
    return {
      event: events.probeTransition,
      probe,
      ...common,
      lifecycle,
      ...(checks.length > 0 && { checks }),
    };
  }
  const { name, critical, consecutiveFailures, message, hint, errorType, fault, causedBy } = transition;
  return {
    event: events.checkTransition,
    check: name,
    ...common,
    critical,
    consecutive_failures: consecutiveFailures,
    ...(message !== null && { cause: message }),
    ...(hint !== null && { hint }),
    ...(errorType !== null && { error_type: errorType }),
    ...(fault !== null && { fault }),
    ...(causedBy !== null && { caused_by: causedBy }),
  };
}
