/**
 * Every name that telemetry uses. The README's tables are checked against this file; nothing else spells a name.
 * The rules are OpenTelemetry's: `X.status` with one series for each value of `X.state`, units in UCUM, no totals.
 */
export const scopeName = "@otel-health/core";

/** Attribute names. */
export const attributes = {
  checkName: "health.check.name",
  checkResult: "health.check.result",
  checkCritical: "health.check.critical",
  checkConsecutiveFailures: "health.check.consecutive_failures",
  checkFault: "health.check.fault",
  checkMessage: "health.check.message",
  checkHint: "health.check.hint",
  checkLoopLag: "health.check.loop_lag",
  checkCausedBy: "health.check.caused_by",
  checkFlapping: "health.check.flapping",
  state: "health.state",
  previousState: "health.previous_state",
  incidentId: "health.incident.id",
  probeType: "health.probe.type",
  probeChecks: "health.probe.checks",
  lifecycle: "health.lifecycle",
  outageEndReason: "health.outage.end_reason",
  errorType: "error.type",
  httpStatusCode: "http.response.status_code",
  rpcStatusCode: "rpc.response.status_code",
} as const;

/** A metric as it is declared to the SDK and documented in the README. */
export interface MetricDefinition {
  readonly name: string;
  readonly instrument: "ObservableUpDownCounter" | "ObservableGauge" | "ObservableCounter" | "Counter" | "Histogram";
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly string[];
}

const { checkName, state, previousState, probeType, checkResult, errorType, httpStatusCode, rpcStatusCode } =
  attributes;

/** How code refers to the metrics. */
export type MetricKey =
  | "checkStatus"
  | "checkAttributed"
  | "probeStatus"
  | "checkDuration"
  | "checkTransitions"
  | "checkResultAge"
  | "probeTransitions"
  | "probeRequests"
  | "startupDuration";

/** Metric definitions. */
export const metrics: { readonly [M in MetricKey]: MetricDefinition } = {
  checkStatus: {
    name: "health.check.status",
    instrument: "ObservableUpDownCounter",
    unit: "1",
    description: "Whether the check is in the state: 1 for the state that it is in, 0 for every other.",
    attributes: [checkName, state],
  },
  checkAttributed: {
    name: "health.check.attributed",
    instrument: "ObservableUpDownCounter",
    unit: "1",
    description: "Whether the check is in trouble while one that it depends on is unhealthy: 1 if so, else 0.",
    attributes: [checkName],
  },
  probeStatus: {
    name: "health.probe.status",
    instrument: "ObservableUpDownCounter",
    unit: "1",
    description: "Whether the probe gives the verdict: 1 for the verdict that it gives, 0 for every other.",
    attributes: [probeType, state],
  },
  checkDuration: {
    name: "health.check.duration",
    instrument: "Histogram",
    unit: "s",
    description: "Duration of the runs of the check.",
    attributes: [checkName, checkResult, errorType],
  },
  checkTransitions: {
    name: "health.check.transitions",
    instrument: "Counter",
    unit: "{transition}",
    description: "Changes of the check's state.",
    attributes: [checkName, state, previousState],
  },
  checkResultAge: {
    name: "health.check.result_age",
    instrument: "ObservableGauge",
    unit: "s",
    description: "Time since the newest result of the check.",
    attributes: [checkName],
  },
  probeTransitions: {
    name: "health.probe.transitions",
    instrument: "Counter",
    unit: "{transition}",
    description: "Changes of the probe's verdict.",
    attributes: [probeType, state, previousState],
  },
  probeRequests: {
    name: "health.probe.requests",
    instrument: "ObservableCounter",
    unit: "{request}",
    description: "Requests that the probe's endpoints answered.",
    attributes: [probeType, httpStatusCode, rpcStatusCode],
  },
  startupDuration: {
    name: "health.startup.duration",
    instrument: "Histogram",
    unit: "s",
    description: "Time from the start of the health object to its first being ready.",
    attributes: [],
  },
};

/** Bucket bounds of `health.check.duration`, seconds: what the semantic conventions advise for database calls. */
export const durationBuckets: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** Bucket bounds of `health.startup.duration`, seconds: a start takes from a blink to minutes. */
export const startupBuckets: readonly number[] = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** Span names; each is followed by a space and the check's name. */
export const spans = {
  check: "health.check",
  transition: "health.transition",
  outage: "health.outage",
} as const;

/** Event names. */
export const events = {
  checkTransition: "health.check.transition",
  checkPersistent: "health.check.persistent",
  checkSlow: "health.check.slow",
  checkFlapping: "health.check.flapping",
  probeTransition: "health.probe.transition",
} as const;
