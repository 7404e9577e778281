import type { ScriptedRun } from "@otel-health/core/testing";

/** What one run is to do. */
export interface Script {
  /** Milliseconds until it settles; `Infinity` for never. */
  readonly afterMs: number;
  readonly answer: "pass" | "warn" | "fail";
  readonly retryAfterMs: number;
  /** Settles when its signal fires. */
  readonly heeds: boolean;
}

/** A run as it was to be, and as the check function saw it. */
export interface SeenRun extends Omit<ScriptedRun, "step"> {
  readonly script: Script;
}

/** The options of a check that decide when it runs. */
export interface ScheduleRules {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly initialDelayMs: number;
  readonly jitter: number;
  readonly backoff: { readonly initialMs: number; readonly factor: number };
  readonly gracePeriodMs: number;
  readonly persistentAfterMs: number;
}

/** The span of time in which a run has to start, milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * When each run that was seen, and the one after them, had to start: worked out from the runs before it and the words
 * of the documentation. The runs have slots whenever they want one.
 */
export function expectedStarts(rules: ScheduleRules, seen: readonly SeenRun[]): readonly Span[] {
  const { intervalMs, timeoutMs, initialDelayMs, jitter, persistentAfterMs } = rules;
  const spans: Span[] = [{ from: initialDelayMs, to: initialDelayMs }];
  let abandoned: SeenRun[] = [];
  let failures = 0;
  let failingSince = 0;
  seen.forEach((run, i) => {
    const { startedAt, settledAt = Number.POSITIVE_INFINITY, script } = run;
    const overAt = Math.min(settledAt, startedAt + timeoutMs);
    const timedOut = settledAt >= startedAt + timeoutMs;
    const floor = timedOut ? 0 : Math.min(script.retryAfterMs, persistentAfterMs);
    abandoned = abandoned.filter((hung) => (hung.settledAt ?? Number.POSITIVE_INFINITY) > overAt);
    // At its deadline nobody can tell whether a run will heed its signal.
    if (timedOut) abandoned = [...abandoned, run].slice(-3);
    if (!timedOut && script.answer !== "fail") {
      failures = 0;
      spans.push({
        from: overAt + Math.max(intervalMs * (1 - jitter), floor),
        to: overAt + Math.max(intervalMs, floor),
      });
      return;
    }
    failures++;
    if (failures === 1) failingSince = overAt;
    if (timedOut && abandoned.length === 3) {
      const trial = { from: overAt + persistentAfterMs, to: overAt + persistentAfterMs };
      spans.push(soonerIfForgotten(rules, trial, abandoned, seen[i + 1]));
      return;
    }
    // Once more before the grace ends, so that it ends on fresh evidence.
    const lastChance = failingSince + rules.gracePeriodMs - timeoutMs - overAt;
    const clip = (delay: number) => Math.max(floor, lastChance > 10 ? Math.min(delay, lastChance) : delay);
    const d = backoff(rules, failures);
    spans.push({ from: overAt + clip(d / 2), to: overAt + clip(d) });
  });
  // A deadline is a hair late where times do not add up exactly, and is then moved by a millisecond.
  return spans.map(({ from, to }, i) => ({ from, to: i === 0 ? to : to + 1 }));
}

function backoff({ intervalMs, backoff: { initialMs, factor } }: ScheduleRules, failures: number): number {
  return Math.min(intervalMs, initialMs * factor ** (failures - 1));
}

/** A stuck check is tried sooner once one of its hung runs has settled after all. */
function soonerIfForgotten(
  rules: ScheduleRules,
  trial: Span,
  abandoned: readonly SeenRun[],
  next: SeenRun | undefined,
): Span {
  const settled = abandoned.map(({ settledAt = Number.POSITIVE_INFINITY }) => settledAt);
  const first = Math.min(...settled);
  if (first > Math.min(trial.from, next?.startedAt ?? Number.POSITIVE_INFINITY)) return trial;
  const d = backoff(rules, 1);
  return { from: Math.min(trial.from, first + d / 2), to: Math.min(trial.to, first + d) };
}
