import type { Span, SpanContext } from "@opentelemetry/api";
import type { ResolvedCheck } from "../check/resolve-check.ts";
import type { Answer, Observation } from "../observation/observation.ts";
import { iso } from "../report/iso.ts";
import type { AgendaEntry } from "../schedule/agenda.ts";
import type { AnswerFacts, Driver, DriverHost } from "../schedule/driver.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import { type CheckState, faultOf, initialState, type Streak } from "../state/check-state.ts";
import { heldUntil, isHeld } from "../state/flapping.ts";
import { nextElapse, reduce, type StateEvent } from "../state/reduce.ts";
import type { Incident } from "../telemetry/incident.ts";
import type { CheckFacts } from "../telemetry/telemetry.ts";
import { readState } from "../verdict/judge.ts";
import type { AnyProbe } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";
import { isDue } from "./notable.ts";

/** What a record needs of the monitor that holds it. */
export interface RecordHost {
  now(): number;
  wallTime(): number;
  stalled(): number;
  /** What the timeline leaves out of monotonic time so far, milliseconds. */
  gaps(): number;
  starting(): boolean;
  /** The check to blame for its trouble. */
  causeOf(record: CheckRecord): string | undefined;
  /** Begins the span of a run. */
  beginRun(record: CheckRecord): Span | undefined;
  /** The incident has gone on for another while. */
  segment(record: CheckRecord): void;
  schedule(entry: AgendaEntry, at: number): void;
  /** The record's state went from `before` to `record.state`, at timeline and wall time. */
  changed(record: CheckRecord, before: CheckState, at: number, wallAt: number): void;
}

/** Runs of one streak that a transition links to. */
const mostLinked = 5;
const none: readonly SpanContext[] = [];

/** One registered check: its state, and what drives it. */
export class CheckRecord implements AgendaEntry, DriverHost {
  position = -1;
  wakeAt: number = Number.POSITIVE_INFINITY;
  readonly name: string;
  readonly check: ResolvedCheck;
  /** Registered after the process was ready: it counts from its first decided state. */
  readonly late: boolean;
  readonly driver: Driver;
  state: CheckState;
  incident: Incident | undefined;
  /** Spans of the runs since the last plain pass, for the transition to link to, and how many runs there were. */
  linked: readonly SpanContext[] = none;
  notable = 0;
  /** The span of the run that is under way, where it is traced. */
  live: Span | undefined;
  /** When that began, wall time. */
  liveFrom = 0;
  /** When the incident is told of next, on the timeline, and since when it was not: wall time. */
  segmentAt: number = Number.POSITIVE_INFINITY;
  segmentFrom = 0;
  readonly #host: RecordHost;
  #view: CheckSnapshot | undefined;
  #removed = false;

  constructor(
    name: string,
    check: ResolvedCheck,
    late: boolean,
    host: RecordHost,
    makeDriver: (host: DriverHost) => Driver,
  ) {
    this.name = name;
    this.check = check;
    this.late = late;
    this.#host = host;
    this.state = initialState(host.now(), host.wallTime());
    this.driver = makeDriver(this);
  }

  now(): number {
    return this.#host.now();
  }

  stalled(): number {
    return this.#host.stalled();
  }

  gaps(): number {
    return this.#host.gaps();
  }

  failing(): Streak {
    return this.state.failing;
  }

  /** While all is well nobody reads the details: calls are traced from the first failure to recovery. */
  traced(): Span | undefined {
    const troubled = this.incident !== undefined || this.state.notPassing.count > 0;
    this.live = troubled && isDue(this.notable + 1) ? this.#host.beginRun(this) : undefined;
    return this.live;
  }

  answer(answer: Answer, facts: AnswerFacts): void {
    if (this.#removed) return;
    const at = this.#host.now();
    const wallAt = this.#host.wallTime();
    const { staleAt, durationMs, loopLagMs, stuck } = facts;
    const clockAt = at + this.#host.gaps();
    const observation: Observation = { ...answer, at, clockAt, wallAt, durationMs, loopLagMs, stuck };
    this.#apply({ type: "observed", at, wallAt, observation, staleAt, starting: this.#host.starting() });
  }

  rearm(): void {
    if (this.#removed) return;
    this.#view = undefined;
    this.#host.schedule(this, Math.min(this.driver.wakeAt, nextElapse(this.check, this.state), this.segmentAt));
  }

  wake(now: number): void {
    if (now >= this.segmentAt) this.#host.segment(this);
    if (now >= this.driver.wakeAt) this.driver.wake(now);
    if (now >= nextElapse(this.check, this.state))
      this.#apply({ type: "elapsed", at: now, wallAt: this.#host.wallTime() });
    else this.rearm();
  }

  /** Ends it: nothing it does later changes anything. */
  remove(): Promise<void> {
    this.#host.schedule(this, Number.POSITIVE_INFINITY);
    this.#removed = true;
    return this.driver.stop();
  }

  /** How a probe reads it now. */
  vote(probe: AnyProbe, state: CheckState = this.state): VerdictStatus | undefined {
    return readState(probe, state.status, this.check.critical, state.decided, this.late, isHeld(state));
  }

  /** Keeps a run's span for the next transition. */
  link(span: SpanContext): void {
    if (this.linked.length < mostLinked) this.linked = [...this.linked, span];
  }

  /** A transition has linked to them, or there is nothing to link to. */
  unlink(): void {
    this.linked = none;
  }

  facts(): CheckFacts {
    const { status, failing, observation } = this.state;
    const failed = observation?.outcome === "fail";
    const passed = observation?.outcome === "pass";
    return {
      name: this.name,
      critical: this.check.critical,
      state: status,
      consecutiveFailures: failing.count,
      message: this.state.stale ? "no result in time" : observation?.message,
      hint: observation?.hint ?? (passed ? undefined : this.check.hint),
      errorType: failed ? observation.errorType : undefined,
      fault: faultOf(this.state),
      causedBy: this.#host.causeOf(this),
    };
  }

  /** Something that it shows has changed elsewhere. */
  invalidate(): void {
    this.#view = undefined;
  }

  /** The immutable view of now; the same object until something changes. */
  view(): CheckSnapshot {
    this.#view ??= this.#makeView();
    return this.#view;
  }

  /** When it gets better if nothing fails, wall time; null where it is not held. */
  #heldUntil(): number | null {
    const until = heldUntil(this.check.flapping, this.state);
    if (until === undefined) return null;
    const wallUntil = this.#host.wallTime() + until - this.#host.now();
    return Math.round(wallUntil);
  }

  #makeView(): CheckSnapshot {
    const { status, wallSince, observation, failing } = this.state;
    const { probes, critical, kind } = this.check;
    const { message, hint, errorType, fault, causedBy } = this.facts();
    const { dueAt } = this.driver;
    const held = this.#heldUntil();
    const votes: Record<string, VerdictStatus> = Object.create(null);
    for (const probe of probes) {
      const vote = this.vote(probe);
      if (vote !== undefined) votes[probe] = vote;
    }
    return Object.freeze<CheckSnapshot>({
      name: this.name,
      kind: kind === "gate" ? "gate" : "check",
      probes,
      critical,
      status,
      ok: status === "healthy" || status === "degraded",
      checkedAt: observation?.wallAt ?? null,
      since: wallSince,
      nextCheckAt: dueAt === undefined ? null : Math.round(this.#host.wallTime() + dueAt - this.#host.now()),
      durationMs: observation?.durationMs === undefined ? null : Math.round(observation.durationMs * 1_000) / 1_000,
      consecutiveFailures: failing.count,
      flapping: this.state.flapping,
      heldUntil: held,
      incidentId: this.incident?.id ?? null,
      causedBy: causedBy ?? null,
      fault: fault ?? null,
      errorType: errorType ?? null,
      message: held === null ? (message ?? null) : heldMessage(held),
      hint: hint ?? null,
      votes,
    });
  }

  #apply(event: StateEvent): void {
    const before = this.state;
    const after = reduce(this.check, before, event);
    this.state = after;
    this.rearm();
    if (after !== before) this.#host.changed(this, before, event.at, event.wallAt);
  }
}

function heldMessage(until: number): string {
  return `answers well, held while it flaps: until ${iso(until)} if nothing fails`;
}
