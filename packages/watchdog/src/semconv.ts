import type { MetricDefinition } from "@otel-health/core";

/**
 * Every name that this package's telemetry uses. The README's tables are checked against this file; nothing else spells a
 * name. `exception.*` are OpenTelemetry's own.
 */
export const scopeName = "@otel-health/watchdog";

/** Attribute names. */
export const attributes = {
  panicOrigin: "health.process.panic.origin",
  panicFatal: "health.process.panic.fatal",
  exceptionType: "exception.type",
  exceptionMessage: "exception.message",
  exceptionStacktrace: "exception.stacktrace",
} as const;

/** How code refers to the metrics. */
export type MetricKey = "processPanics";

/** Metric definitions. */
export const metrics: { readonly [M in MetricKey]: MetricDefinition } = {
  processPanics: {
    name: "health.process.panics",
    instrument: "ObservableCounter",
    unit: "{panic}",
    description: "Exceptions that nothing caught and rejections that nothing handled.",
    attributes: [attributes.panicOrigin],
  },
};

/** Event names. */
export const events = {
  processPanic: "health.process.panic",
} as const;
