import type { SpanContext } from "@opentelemetry/api";
import type { ResolvedCheck } from "../check/resolve-check.ts";
import type { Clock } from "../clock.ts";
import { HealthError } from "../health-error.ts";
import { born, type Lifecycle } from "../lifecycle/lifecycle.ts";
import { ErrorTypes } from "../observation/error-type.ts";
import type { Observation } from "../observation/observation.ts";
import { culpritsOf } from "../report/culprits.ts";
import type { RequestCounts } from "../report/endpoints.ts";
import { Renderings } from "../report/renderings.ts";
import { Agenda, type AgendaEntry } from "../schedule/agenda.ts";
import type { Driver, DriverHost } from "../schedule/driver.ts";
import { RunQueue } from "../schedule/run-queue.ts";
import { Timeline } from "../schedule/timeline.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import { createSnapshot, type HealthSnapshot, type ServiceInfo } from "../snapshot/health-snapshot.ts";
import type { CheckState } from "../state/check-state.ts";
import { complain, guarded } from "../telemetry/guard.ts";
import { Telemetry } from "../telemetry/telemetry.ts";
import { checkSeverity, probeSeverity } from "../telemetry/transition.ts";
import type { ProbeName } from "../verdict/probe.ts";
import { byProbe, type VerdictChange, Verdicts } from "../verdict/verdicts.ts";
import type { Aggregator, Vote } from "../verdict/votes.ts";
import { CheckRecord, type RecordHost } from "./check-record.ts";
import { isNotable } from "./notable.ts";

/** What a monitor is made of. */
export interface MonitorOptions {
  readonly clock: Clock;
  readonly concurrency: number;
  readonly maxCheckNames: number;
  readonly service: ServiceInfo | undefined;
  readonly aggregators: { readonly [P in ProbeName]: Aggregator };
}

/** A meter provider that comes late, and not through the plugin, is found within this many milliseconds. */
const bindEveryMs = 5_000;

/** Checks that a probe transition names. */
const mostNamed = 10;

/**
 * Holds all state of one health object and applies every change to it in one order: the state, the verdicts, the
 * rendered answers, and only then telemetry and listeners, which therefore can never see less than an endpoint shows.
 */
export class Monitor implements RecordHost {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly agenda: Agenda;
  readonly queue: RunQueue;
  readonly errorTypes: ErrorTypes = new ErrorTypes();
  readonly telemetry: Telemetry;
  readonly renderings: Renderings;
  readonly requests: { readonly [P in ProbeName]: RequestCounts } = byProbe<RequestCounts>(() => ({}));
  readonly records: Map<string, CheckRecord> = new Map<string, CheckRecord>();
  readonly #service: ServiceInfo | undefined;
  readonly #verdicts: Verdicts;
  readonly #maxCheckNames: number;
  readonly #names = new Set<string>();
  /** Wakes the agenda, and with it the search for a meter provider, also where no check is run. */
  readonly #bindWatch: AgendaEntry = {
    position: -1,
    wakeAt: Number.POSITIVE_INFINITY,
    wake: (now) => {
      this.telemetry.unseenSdk.look();
      this.agenda.set(this.#bindWatch, now + bindEveryMs);
    },
  };
  /** Called after each change of a check's state, and after a check is gone. */
  onChange: () => void = () => {};
  /** The startup tasks as entries of the snapshot. */
  startupEntries: () => readonly CheckSnapshot[] = () => [];
  #life: Lifecycle = born;
  #telling: (() => void)[] = [];
  #version = 0;
  #timestamp: number;
  #snapshot: HealthSnapshot | undefined;

  constructor({ clock, concurrency, maxCheckNames, service, aggregators }: MonitorOptions) {
    this.clock = clock;
    this.#service = service;
    this.#maxCheckNames = maxCheckNames;
    this.#timestamp = clock.wallTime();
    this.timeline = new Timeline(clock);
    this.queue = new RunQueue(concurrency);
    this.telemetry = new Telemetry(clock, {
      eachCheck: (visit) => {
        for (const { name, state } of this.records.values()) {
          visit(name, state.status, state.observation && this.ageMs(state.observation) / 1_000);
        }
      },
      verdict: (probe) => this.#verdicts.current[probe].status,
      requests: (probe) => this.requests[probe],
    });
    this.agenda = new Agenda(clock, this.timeline, () => this.telemetry.metrics.bind());
    this.agenda.set(this.#bindWatch, this.now() + bindEveryMs);
    this.renderings = new Renderings(
      this.agenda,
      () => this.now(),
      () => this.snapshot(),
    );
    const votesOf = (probe: ProbeName) => this.#votesOf(probe);
    this.#verdicts = new Verdicts(aggregators, votesOf, this.#life, this.#timestamp, (problem) =>
      complain("an aggregator failed", problem),
    );
  }

  get life(): Lifecycle {
    return this.#life;
  }

  now(): number {
    return this.timeline.now();
  }

  wallTime(): number {
    return this.clock.wallTime();
  }

  stalled(): number {
    return this.timeline.gaps + this.agenda.lag;
  }

  gaps(): number {
    return this.timeline.gaps;
  }

  /** Milliseconds since a result, also those for which the process was suspended. */
  ageMs({ clockAt }: Observation): number {
    return this.timeline.now() + this.timeline.gaps - clockAt;
  }

  starting(): boolean {
    return this.#life.phase === "starting";
  }

  schedule(entry: AgendaEntry, at: number): void {
    this.agenda.set(entry, at);
  }

  /** Adds a check. Throws `HealthError` where its name is taken or one too many. */
  add(name: string, check: ResolvedCheck, makeDriver: (host: DriverHost) => Driver): CheckRecord {
    if (this.records.has(name))
      throw new HealthError(
        "duplicate_name",
        `there is a check "${name}" already; unregister it first or choose another name`,
      );
    if (!this.#names.has(name) && this.#names.size >= this.#maxCheckNames) {
      throw new HealthError(
        "too_many_names",
        `"${name}" would be distinct check name number ${this.#names.size + 1}, maxCheckNames is ${this.#maxCheckNames}; every name costs series for the life of the process, so reuse names or raise maxCheckNames`,
      );
    }
    this.#names.add(name);
    const record = new CheckRecord(name, check, this.#life.started, this, makeDriver);
    this.records.set(name, record);
    for (const probe of check.probes)
      this.#verdicts.move(probe, check.kind === "gate", check.critical, undefined, record.vote(probe));
    this.telemetry.metrics.added(name);
    this.#touch(this.wallTime());
    this.#judge(this.wallTime(), undefined);
    return record;
  }

  /** Removes a check and ends what it has under way. */
  remove(record: CheckRecord, endReason: "shutdown" | "unregistered"): Promise<void> {
    const wallAt = this.wallTime();
    const stopped = record.remove();
    if (record.incident !== undefined) this.telemetry.outage(record.facts(), record.incident, wallAt, endReason);
    if (endReason === "unregistered") {
      this.records.delete(record.name);
      const { kind, critical, probes } = record.check;
      for (const probe of probes) this.#verdicts.move(probe, kind === "gate", critical, record.vote(probe), undefined);
      this.telemetry.metrics.removed(record.name);
      this.#touch(wallAt);
      this.#judge(wallAt, undefined);
      this.onChange();
    }
    return stopped;
  }

  /** The process goes on in its life. */
  enter(life: Partial<Lifecycle>): void {
    this.#life = { ...this.#life, ...life };
    const wallAt = this.wallTime();
    this.#touch(wallAt);
    // Rare, and every probe's answer names it: no answer may be behind.
    this.#judge(wallAt, undefined, undefined, () => this.renderings.renderAll());
  }

  /** Something that a snapshot shows has changed, though no check's state. */
  touched(): void {
    this.#touch(this.wallTime());
  }

  changed(record: CheckRecord, before: CheckState, at: number, wallAt: number): void {
    const { state } = record;
    this.#touch(wallAt, at);
    const ran = state.observation !== before.observation ? state.observation : undefined;
    if (ran !== undefined) {
      this.telemetry.metrics.ran(record.name, ran);
      if (isNotable(record, ran)) {
        const span = this.telemetry.runSpan(record.facts(), ran, record.incident);
        if (span !== undefined) record.link(span);
      }
    }
    if (state.status !== before.status) this.#transition(record, before, wallAt);
    if (state.persistent && !before.persistent && state.observation?.fault === "transient") {
      this.telemetry.persistent(record.facts(), wallAt, record.incident);
    }
    if (state.slow !== before.slow) this.telemetry.slow(record.facts(), state.slow, wallAt);
    this.onChange();
  }

  /** The snapshot of now; the same object until something changes. */
  snapshot(): HealthSnapshot {
    this.#snapshot ??= createSnapshot({
      version: this.#version,
      timestamp: this.#timestamp,
      service: this.#service,
      life: this.#life,
      probes: this.#verdicts.current,
      entries: Object.freeze([
        ...this.startupEntries(),
        ...Array.from(this.records.values(), (record) => record.view()),
      ]),
    });
    return this.#snapshot;
  }

  #transition(record: CheckRecord, before: CheckState, wallAt: number): void {
    const { state, check } = record;
    const { decided } = record;
    const votesBefore = check.probes.map((probe) => record.vote(probe, before));
    record.decided ||= state.status !== "unknown";
    const facts = record.facts();
    const wallSince = state.notPassing.count > 0 ? state.notPassing.wallSince : wallAt;
    const { incident: over } = record;
    const { span, incidentId, incident } = this.telemetry.open(
      facts,
      before.status,
      wallAt,
      wallSince,
      record.linked,
      over,
    );
    record.incident = incident;
    record.linked = [];
    record.rearm();
    check.probes.forEach((probe, i) => {
      this.#verdicts.move(probe, check.kind === "gate", check.critical, votesBefore[i], record.vote(probe));
    });
    const cause = { incidentId, traceId: span?.traceId ?? null, spanId: span?.spanId ?? null, span };
    this.#judge(wallAt, cause, () => {
      this.telemetry.checkTransition(
        facts,
        Object.freeze({
          type: "check",
          name: record.name,
          state: state.status,
          previousState: before.status,
          timestamp: new Date(wallAt),
          severity: checkSeverity(state.status, before.status, check.critical, decided, facts.fault),
          incidentId,
          traceId: cause.traceId,
          spanId: cause.spanId,
          critical: check.critical,
          consecutiveFailures: facts.consecutiveFailures,
          message: facts.message ?? null,
          hint: facts.hint ?? null,
          errorType: facts.errorType ?? null,
          fault: facts.fault ?? null,
        }),
        span,
      );
      if (over !== undefined && incident === undefined) this.telemetry.outage(facts, over, wallAt, "recovered");
    });
  }

  /** Judges anew, renders what changed, then tells: first `tell`, then each verdict that changed. */
  #judge(
    wallAt: number,
    cause: Cause | undefined,
    tell: () => void = () => {},
    render: (changes: readonly VerdictChange[]) => void = (changes) => this.renderings.verdictChanged(changes),
  ): void {
    const life = this.#life;
    const changes = this.#verdicts.update(life, wallAt);
    this.#snapshot = undefined;
    render(changes);
    const named = changes.map(({ probe, status }) =>
      culpritsOf(probe, status, this.snapshot().entries)
        .slice(0, mostNamed)
        .map(({ name }) => name),
    );
    this.#telling.push(
      tell,
      ...changes.map((change, i) => () => this.#announce(change, life, named[i] ?? [], wallAt, cause)),
    );
    if (this.#telling[0] === tell) this.#tell();
  }

  /** A listener may cause the next change: what it causes is told after what it was told of. */
  #tell(): void {
    for (let i = 0; i < this.#telling.length; i++) guarded("telling of a transition", () => this.#telling[i]?.());
    this.#telling = [];
  }

  #announce(
    { probe, status, previous }: VerdictChange,
    life: Lifecycle,
    checks: readonly string[],
    wallAt: number,
    cause: Cause | undefined,
  ): void {
    const { phase, fatal } = life;
    this.telemetry.probeTransition(
      Object.freeze({
        type: "probe",
        probe,
        state: status,
        previousState: previous,
        timestamp: new Date(wallAt),
        severity: probeSeverity(status, previous, phase, fatal !== undefined),
        incidentId: cause?.incidentId ?? null,
        traceId: cause?.traceId ?? null,
        spanId: cause?.spanId ?? null,
        lifecycle: phase,
        checks: Object.freeze([...checks]),
      }),
      cause?.span,
    );
  }

  #votesOf(probe: ProbeName): readonly Vote[] {
    return Array.from(this.records.values()).flatMap((record) => {
      const { kind, critical, probes } = record.check;
      const status = kind === "gate" || !probes.includes(probe) ? undefined : record.vote(probe);
      return status === undefined ? [] : [{ name: record.name, critical, status }];
    });
  }

  #touch(wallAt: number, at: number = this.now()): void {
    this.#version++;
    // The wall clock may be set back; a report's time is not.
    this.#timestamp = Math.max(this.#timestamp, wallAt);
    this.#snapshot = undefined;
    this.renderings.changed(at);
  }
}

interface Cause {
  readonly incidentId: string | null;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly span: SpanContext | undefined;
}
