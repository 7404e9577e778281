import type { ScheduleOptions } from "@otel-health/core";

/** A fifth of the defaults: every ratio between them, on which detection and recovery depend, is theirs. */
export const schedule = {
  intervalMs: 2_000,
  timeoutMs: 400,
  jitter: 0.1,
  failureThreshold: 3,
  gracePeriodMs: 2_000,
  successThreshold: 1,
  backoff: { initialMs: 200, factor: 2 },
} as const satisfies ScheduleOptions;

const steps = (count: number) =>
  Array.from({ length: count }, (_, k) =>
    Math.min(schedule.intervalMs, schedule.backoff.initialMs * schedule.backoff.factor ** k),
  );
const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

/** What the schedule promises, in milliseconds: an interval, the grace or the steps of the back-off, one timeout. */
export const detectionBoundMs: number =
  schedule.intervalMs + Math.max(schedule.gracePeriodMs, sum(steps(schedule.failureThreshold))) + schedule.timeoutMs;

/** Warnings are not asked about sooner than anything that is well: as many runs as the threshold, an interval apart. */
export const degradationBoundMs: number = schedule.failureThreshold * (schedule.intervalMs + schedule.timeoutMs);

/** The longest step of the back-off, and one run. */
export const recoveryBoundMs: number = schedule.intervalMs + schedule.timeoutMs;
