export type {
  AttachCheck,
  BackoffOptions,
  Check,
  CheckFunction,
  CheckKind,
  CheckOptions,
  FunctionCheck,
  GateCheck,
  HeartbeatCheck,
  PushCheck,
  RunContext,
  ScheduleOptions,
  ThresholdCheck,
} from "./check/check.ts";
export { demandCheck } from "./check/demand-check.ts";
export { demandCheckOptions, type OwnOptions } from "./check/demand-check-options.ts";
export { gate } from "./check/gate.ts";
export type {
  CheckHandle,
  Checks,
  GateHandle,
  HandleByKind,
  HandleOf,
  HandlesOf,
  HeartbeatHandle,
  KindOf,
  PushHandle,
} from "./check/handle.ts";
export { heartbeat } from "./check/heartbeat.ts";
export { push } from "./check/push.ts";
export { threshold } from "./check/threshold.ts";
export { type Clock, systemClock, type Timer } from "./clock.ts";
export { all } from "./combine/all.ts";
export { type CacheOptions, cached } from "./combine/cached.ts";
export { type MapOutcome, mapOutcome } from "./combine/map-outcome.ts";
export type { Part } from "./combine/part.ts";
export type { CombinationOptions, Parts } from "./combine/parts.ts";
export { any, quorum } from "./combine/quorum.ts";
export { type Condition, when } from "./combine/when.ts";
export { type RetryOptions, withRetry } from "./combine/with-retry.ts";
export { withTimeout } from "./combine/with-timeout.ts";
export { createHealth } from "./create-health.ts";
export { demand, demandMs } from "./demand.ts";
export type { GroupOptions, Health, HealthOptions, ProbeOptions } from "./health.ts";
export { HealthError, type HealthErrorCode, healthErrorCodes, isHealthError } from "./health-error.ts";
export type { DrainOptions } from "./lifecycle/drain.ts";
export {
  type CloseHook,
  type DrainOnSignalsOptions,
  type DrainSignal,
  drainOnSignals,
  type SignalSource,
} from "./lifecycle/drain-on-signals.ts";
export type { Lifecycle, LifecyclePhase } from "./lifecycle/lifecycle.ts";
export type { StartupFunction, StartupTask, StartupTasks } from "./lifecycle/startup-options.ts";
export type { ErrorDescription } from "./observation/describe-error.ts";
export { describeThrown } from "./observation/describe-thrown.ts";
export {
  type Fault,
  fail,
  type Outcome,
  type OutcomeDetails,
  type OutcomeStatus,
  pass,
  warn,
} from "./observation/outcome.ts";
export { redact } from "./observation/redact.ts";
export type { Authorize } from "./report/authorizer.ts";
export type { EndpointOptions, Endpoints, HealthRequest } from "./report/endpoints.ts";
export type { Format } from "./report/format.ts";
export type { RenderedAnswer } from "./report/rendered-answer.ts";
export type { CheckReport, Detail, Report } from "./report/report.ts";
export type { HealthResponse } from "./report/response.ts";
export type { StatusCodes } from "./report/status-codes.ts";
export { notFound } from "./report/unserved.ts";
export { sharedHealth } from "./shared-health.ts";
export type { CheckSnapshot } from "./snapshot/check-snapshot.ts";
export type { HealthSnapshot, ServiceInfo, Verdict } from "./snapshot/health-snapshot.ts";
export type { HealthState } from "./state/check-state.ts";
export type { TaskContext, TaskOptions, TaskWork } from "./task/task.ts";
export type { BindInstruments } from "./telemetry/companion-meters.ts";
export type { EventSeverity } from "./telemetry/events.ts";
export type { HealthInstrumentation, InstrumentationConfig } from "./telemetry/instrumentation.ts";
export { type AnySampler, keepHealthSpans } from "./telemetry/keep-health-spans.ts";
export type { ScopedTelemetry, WrittenEvent, WrittenSpan } from "./telemetry/scoped-telemetry.ts";
export {
  attributes,
  events,
  type MetricDefinition,
  type MetricKey,
  metrics,
  scopeName,
  spans,
} from "./telemetry/semconv.ts";
export { isHealthContext, untraced } from "./telemetry/suppress.ts";
export type { TransitionListener } from "./telemetry/telemetry.ts";
export type { CheckTransition, ProbeTransition, Severity, Transition, TransitionBase } from "./telemetry/transition.ts";
export { type AnyProbe, type ByProbe, type ProbeName, probeNames } from "./verdict/probe.ts";
export type { Aggregate, Aggregator, VerdictStatus, Vote, VoteCounts, Votes } from "./verdict/votes.ts";
