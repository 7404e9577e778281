import type { MetricDefinition } from "@otel-health/core";

/**
 * Every name that this package's telemetry uses. The README's tables are checked against this file; nothing else spells a
 * name. `code.*` and `exception.*` are OpenTelemetry's own.
 */
export const scopeName = "@otel-health/watchdog";

/** Attribute names. */
export const attributes = {
  blockCause: "health.loop.block.cause",
  blockStage: "health.loop.block.stage",
  blockStarved: "health.loop.block.starved",
  blockThrottled: "health.loop.block.throttled",
  blockLate: "health.loop.block.late",
  panicOrigin: "health.process.panic.origin",
  panicFatal: "health.process.panic.fatal",
  restartReason: "health.watchdog.restart_reason",
  restarts: "health.watchdog.restarts",
  codeStacktrace: "code.stacktrace",
  codeFunctionName: "code.function.name",
  codeFilePath: "code.file.path",
  codeLineNumber: "code.line.number",
  exceptionType: "exception.type",
  exceptionMessage: "exception.message",
  exceptionStacktrace: "exception.stacktrace",
} as const;

/** How code refers to the metrics. */
export type MetricKey = "loopBlockDuration" | "loopDelayP99" | "loopDelayMax" | "loopUtilization" | "processPanics";

/** Metric definitions. */
export const metrics: { readonly [M in MetricKey]: MetricDefinition } = {
  loopBlockDuration: {
    name: "health.loop.block.duration",
    instrument: "Histogram",
    unit: "s",
    description: "Duration of the blocks of the event loop.",
    attributes: [attributes.blockCause],
  },
  loopDelayP99: {
    name: "health.loop.delay.p99",
    instrument: "ObservableGauge",
    unit: "s",
    description: "Delay of the event loop in the last interval, 99th percentile.",
    attributes: [],
  },
  loopDelayMax: {
    name: "health.loop.delay.max",
    instrument: "ObservableGauge",
    unit: "s",
    description: "Delay of the event loop in the last interval, the longest.",
    attributes: [],
  },
  loopUtilization: {
    name: "health.loop.utilization",
    instrument: "ObservableGauge",
    unit: "1",
    description: "Share of the last interval in which the event loop was not waiting for events.",
    attributes: [],
  },
  processPanics: {
    name: "health.process.panics",
    instrument: "ObservableCounter",
    unit: "{panic}",
    description: "Exceptions that nothing caught and rejections that nothing handled.",
    attributes: [attributes.panicOrigin],
  },
};

/** Bucket bounds of `health.loop.block.duration`, seconds: from what is just a block to what ends in a restart. */
export const blockBuckets: readonly number[] = [1, 2, 5, 10, 30, 60, 120, 300];

/** Span names. */
export const spans = {
  loopBlock: "health.loop.block",
} as const;

/** Event names. */
export const events = {
  loopBlocked: "health.loop.blocked",
  livenessFailed: "health.liveness.failed",
  watchdogRestarted: "health.watchdog.restarted",
  processPanic: "health.process.panic",
} as const;
