import type { Fault, HealthState, OutcomeStatus } from "@otel-health/core";

/** The rules of one check, as the documentation words them. */
export interface ModelRules {
  readonly failureThreshold: number;
  readonly gracePeriodMs: number;
  readonly successThreshold: number;
  readonly persistentAfterMs: number;
  readonly slowAfterMs: number;
  readonly flapping: ModelFlapping | undefined;
}

/** When a check flaps. */
interface ModelFlapping {
  readonly changes: number;
  readonly withinMs: number;
  readonly holdMs: number;
}

/** Something that happened: an answer, or a look at the clock. */
export type Happening =
  | {
      readonly kind: "answer";
      readonly at: number;
      readonly outcome: OutcomeStatus;
      readonly fault: Fault;
      readonly stuck: boolean;
      readonly starting: boolean;
      readonly staleAt: number;
      readonly durationMs: number;
      readonly loopLagMs: number;
    }
  | { readonly kind: "look"; readonly at: number };

type AnswerHappening = Happening & { readonly kind: "answer" };

/** What an onlooker can tell about a check. */
export interface Expected {
  readonly status: HealthState;
  readonly since: number;
  readonly failures: number;
  readonly failingSince: number | undefined;
  readonly persistent: boolean;
  readonly slow: boolean;
  readonly stale: boolean;
  readonly flapping: boolean;
}

/**
 * The state after a whole history, worked out from nothing but that history: slow and obvious. Streaks are counted by
 * looking back through all answers each time.
 */
export function expectedState(rules: ModelRules, history: readonly Happening[]): Expected {
  let status: HealthState = "unknown";
  let since = 0;
  let stale = false;
  let answersSinceSilence: AnswerHappening[] = [];
  const answers: AnswerHappening[] = [];
  const { flapping: rule } = rules;
  let changes: number[] = [];
  let flapping = false;
  let decided = false;
  for (const happening of history) {
    const { at } = happening;
    const known = decided;
    if (happening.kind === "answer") {
      answers.push(happening);
      answersSinceSilence.push(happening);
      stale = false;
    } else {
      const newest = answers.at(-1);
      if (newest !== undefined && happening.at >= newest.staleAt) {
        stale = true;
        answersSinceSilence = [];
      }
    }
    const wanted: HealthState = stale ? "unknown" : decide(rules, status, happening, answers, answersSinceSilence);
    const passing = trailing(answersSinceSilence, ({ outcome }) => outcome === "pass");
    const working = trailing(answersSinceSilence, ({ outcome }) => outcome !== "fail");
    const cleanFor = (good: readonly AnswerHappening[]) => (good.length > 0 ? at - good[0]!.at : -1);
    const notPassing = trailing(answers, ({ outcome }) => outcome !== "pass");
    const failures = trailing(answers, ({ outcome }) => outcome === "fail");
    const oneKind = failures[0]?.at ?? Math.max(notPassing[0]?.at ?? at, working[0]?.at ?? at);
    const steady = rule !== undefined && notPassing.length > 0 && at - oneKind >= rule.withinMs;
    if (flapping && steady && !stale) {
      flapping = false;
      changes = [];
    }
    let next: HealthState = wanted;
    if (!stale && rule !== undefined && flapping && order.indexOf(wanted) < order.indexOf(status)) {
      next = status;
      const works = working.length >= rules.successThreshold && cleanFor(working) >= rule.holdMs;
      if (works && order.indexOf("degraded") < order.indexOf(status)) next = "degraded";
      if (wanted === "healthy" && cleanFor(passing) >= rule.holdMs) next = "healthy";
    }
    if (next !== status) {
      since = at;
      if (known) changes.push(at);
      // So many changes in so long a time, this one included.
      if (
        rule !== undefined &&
        known &&
        changes.filter((change) => at - change <= rule.withinMs).length >= rule.changes
      )
        flapping = true;
    }
    status = next;
    if (status !== "unknown") decided = true;
    const clean = rule !== undefined && status === "healthy" && cleanFor(passing) >= rule.holdMs;
    if (flapping && !stale && (steady || (clean && notPassing.length === 0))) {
      flapping = false;
      changes = [];
    }
  }
  const now = history.at(-1)?.at ?? 0;
  const failing = trailing(answers, ({ outcome }) => outcome === "fail");
  const begin = failing[0]?.at;
  const newestPass = answers.findLast(({ outcome }) => outcome === "pass");
  return {
    status,
    since,
    failures: failing.length,
    failingSince: begin,
    persistent: begin !== undefined && now - begin >= rules.persistentAfterMs,
    slow: newestPass !== undefined && newestPass.durationMs - newestPass.loopLagMs > rules.slowAfterMs,
    stale,
    flapping,
  };
}

const order: readonly HealthState[] = ["healthy", "degraded", "unknown", "unhealthy"];

/** When the state next changes though nothing answers; found by trying every moment at which something could. */
export function expectedElapse(rules: ModelRules, history: readonly Happening[]): number {
  const answers = history.filter((happening) => happening.kind === "answer");
  const newest = answers.at(-1);
  if (newest === undefined) return Number.POSITIVE_INFINITY;
  const now = history.at(-1)?.at ?? 0;
  const moments = new Set([newest.staleAt]);
  for (const { at } of answers) {
    moments.add(at + rules.gracePeriodMs).add(at + rules.persistentAfterMs);
    if (rules.flapping !== undefined) moments.add(at + rules.flapping.holdMs).add(at + rules.flapping.withinMs);
  }
  const before = expectedState(rules, history);
  const changes = (at: number) => {
    const after = expectedState(rules, [...history, { kind: "look", at }]);
    const keys = ["status", "persistent", "stale", "flapping"] as const;
    return keys.some((key) => after[key] !== before[key]);
  };
  const next = [...moments].filter((at) => at > now && changes(at));
  return Math.min(Number.POSITIVE_INFINITY, ...next);
}

function decide(
  rules: ModelRules,
  status: HealthState,
  { at, kind }: Happening,
  answers: readonly AnswerHappening[],
  sinceSilence: readonly AnswerHappening[],
): HealthState {
  const newest = answers.at(-1);
  if (newest === undefined) return "unknown";
  const failing = trailing(answers, ({ outcome }) => outcome === "fail");
  if (newest.outcome === "fail") {
    if (kind === "answer" && newest.starting && newest.fault === "fatal") return "unhealthy";
    const enough = failing.length >= rules.failureThreshold || newest.stuck;
    if (enough && at - failing[0]!.at >= rules.gracePeriodMs) return "unhealthy";
  }
  const passing = trailing(sinceSilence, ({ outcome }) => outcome === "pass");
  const working = trailing(sinceSilence, ({ outcome }) => outcome !== "fail");
  const notPassing = trailing(answers, ({ outcome }) => outcome !== "pass");
  if (status === "healthy") {
    const begin = notPassing[0]?.at ?? Number.POSITIVE_INFINITY;
    return notPassing.length >= rules.failureThreshold && at - begin >= rules.gracePeriodMs ? "degraded" : "healthy";
  }
  if (passing.length >= rules.successThreshold) return "healthy";
  return working.length >= rules.successThreshold ? "degraded" : status;
}

function trailing<T>(list: readonly T[], belongs: (item: T) => boolean): readonly T[] {
  return list.slice(list.findLastIndex((item) => !belongs(item)) + 1);
}
