import type { Span } from "@opentelemetry/api";
import type { ResolvedCheck } from "../check/resolve-check.ts";
import type { Clock } from "../clock.ts";
import { HealthError } from "../health-error.ts";
import { born, type Lifecycle } from "../lifecycle/lifecycle.ts";
import { ErrorTypes } from "../observation/error-type.ts";
import type { Observation } from "../observation/observation.ts";
import { show } from "../option-reader.ts";
import type { RequestCounts } from "../report/answers.ts";
import { culpritsOf } from "../report/culprits.ts";
import { Renderings } from "../report/renderings.ts";
import { Writing } from "../report/writing.ts";
import { Agenda, type AgendaEntry } from "../schedule/agenda.ts";
import type { Driver, DriverHost } from "../schedule/driver.ts";
import { RunQueue } from "../schedule/run-queue.ts";
import { Timeline } from "../schedule/timeline.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import { createSnapshot, type HealthSnapshot, type ServiceInfo } from "../snapshot/health-snapshot.ts";
import { badness, type CheckState } from "../state/check-state.ts";
import { isHeld } from "../state/flapping.ts";
import { complain } from "../telemetry/guard.ts";
import { Telemetry } from "../telemetry/telemetry.ts";
import { type AnyProbe, type ByProbe, byProbe } from "../verdict/probe.ts";
import { type JudgedProbe, type VerdictChange, Verdicts, votesAsGate } from "../verdict/verdicts.ts";
import type { VerdictStatus, Vote } from "../verdict/votes.ts";
import { type Cause, checkTransition, probeTransition } from "./announcements.ts";
import { Changes } from "./changes.ts";
import { CheckRecord, type RecordHost } from "./check-record.ts";
import { Dependencies } from "./dependencies.ts";
import { Telling } from "./telling.ts";
import { Tracing } from "./tracing.ts";
import { Withheld } from "./withheld.ts";

/** What a monitor is made of. */
export interface MonitorOptions {
  readonly clock: Clock;
  readonly concurrency: number;
  readonly maxCheckNames: number;
  readonly service: ServiceInfo | undefined;
  readonly probes: readonly JudgedProbe[];
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
  readonly dependencies: Dependencies = new Dependencies();
  /** Told of every change of a verdict, a check's state, a gate or the lifecycle, once all endpoints show it. */
  readonly changes: Changes = new Changes();
  readonly requests: ByProbe<RequestCounts>;
  readonly records: Map<string, CheckRecord> = new Map<string, CheckRecord>();
  readonly #service: ServiceInfo | undefined;
  readonly #verdicts: Verdicts;
  readonly #tracing: Tracing;
  readonly #withheld: Withheld;
  readonly #telling: Telling = new Telling();
  readonly #maxCheckNames: number;
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
  #version = 0;
  #timestamp: number;
  #snapshot: HealthSnapshot | undefined;

  constructor({ clock, concurrency, maxCheckNames, service, probes }: MonitorOptions) {
    const names = probes.map(({ name }) => name);
    this.clock = clock;
    this.#service = service;
    this.#maxCheckNames = maxCheckNames;
    this.#timestamp = clock.wallTime();
    this.requests = byProbe<RequestCounts>(names, () => ({}));
    this.timeline = new Timeline(clock);
    this.queue = new RunQueue(concurrency);
    this.telemetry = new Telemetry(clock, {
      checkNames: () => this.records.keys(),
      eachCheck: (visit) => {
        for (const { name, state } of this.records.values()) {
          visit(name, state.status, state.observation && this.ageMs(state.observation) / 1_000);
        }
      },
      eachDependent: (visit) => {
        for (const record of this.records.values()) {
          if (record.check.dependsOn.length > 0) visit(record.name, this.causeOf(record) !== undefined);
        }
      },
      probes: names,
      verdict: (probe) => this.verdict(probe),
      requests: (probe) => this.requests[probe] ?? {},
    });
    this.agenda = new Agenda(clock, this.timeline, () => this.telemetry.bind());
    this.agenda.set(this.#bindWatch, this.now() + bindEveryMs);
    this.#tracing = new Tracing(this.telemetry.spans);
    this.#withheld = new Withheld(this.agenda);
    const votesOf = (probe: AnyProbe) => this.#votesOf(probe);
    this.#verdicts = new Verdicts(probes, votesOf, this.#life, this.#timestamp, (problem) =>
      complain("an aggregator failed", problem),
    );
    const writing = new Writing(
      () => this.snapshot(),
      (probe, { life }, members) => this.#verdicts.over(probe, life, members),
    );
    this.renderings = new Renderings(
      this.agenda,
      () => this.now(),
      (asked) => writing.write(asked),
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
  add(
    name: string,
    check: ResolvedCheck,
    isCheck: (name: string) => boolean,
    makeDriver: (host: DriverHost) => Driver,
  ): CheckRecord {
    if (this.records.has(name))
      throw new HealthError(
        "duplicate_name",
        `there is a check "${name}" already; unregister it first or choose another name`,
      );
    const { metrics } = this.telemetry;
    if (!metrics.remembers(name) && metrics.names >= this.#maxCheckNames) {
      throw new HealthError(
        "too_many_names",
        `"${name}" would be distinct check name number ${metrics.names + 1}, maxCheckNames is ${this.#maxCheckNames}; every name costs series for the life of the process, so reuse names or raise maxCheckNames`,
      );
    }
    this.dependencies.add(name, check.dependsOn, isCheck);
    const record = new CheckRecord(name, check, this.#life.started, this, makeDriver);
    this.records.set(name, record);
    for (const probe of check.probes)
      this.#verdicts.move(probe, check.kind === "gate", check.critical, undefined, record.vote(probe));
    metrics.added(name);
    this.#touch(this.wallTime());
    this.#judge(this.wallTime(), undefined);
    return record;
  }

  /** Removes a check and ends what it has under way. */
  remove(record: CheckRecord, endReason: "shutdown" | "unregistered"): Promise<void> {
    const wallAt = this.wallTime();
    const stopped = record.remove();
    this.#withheld.release(record.name);
    this.#tracing.ended(record, wallAt, endReason);
    if (endReason === "unregistered") {
      this.records.delete(record.name);
      this.dependencies.remove(record.name);
      this.#withheld.ran(record.name);
      for (const dependent of this.dependencies.dependentsOf(record.name)) this.records.get(dependent)?.invalidate();
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
    // Whoever exports may be shut down any moment.
    if (life.phase === "draining" || life.phase === "stopped") this.#withheld.releaseAll();
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
      this.#tracing.ran(record, ran);
    }
    if (state.status !== before.status) this.#transition(record, before, wallAt);
    else if (isHeld(state) !== isHeld(before)) this.#revote(record, before, wallAt);
    if (ran !== undefined) this.#withheld.ran(record.name);
    if (state.flapping !== before.flapping)
      this.telemetry.flapping(record.facts(), state.flapping, wallAt, record.incident);
    if (state.persistent && !before.persistent && state.observation?.fault === "transient") {
      this.telemetry.persistent(record.facts(), wallAt, record.incident);
    }
    if (state.slow !== before.slow) this.telemetry.slow(record.facts(), state.slow, wallAt);
    this.onChange();
  }

  beginRun(record: CheckRecord): Span | undefined {
    return this.#tracing.begin(record, this.wallTime());
  }

  segment(record: CheckRecord): void {
    this.#tracing.segment(record, this.now(), this.wallTime());
  }

  causeOf({ name, check, state }: CheckRecord): string | undefined {
    if (check.dependsOn.length === 0 || state.status === "healthy" || state.observation === undefined) return undefined;
    return this.dependencies.rootCauseOf(name, (other) => this.records.get(other)?.state);
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

  /** A probe's verdict; with names, what it would be with these of its checks and no others: its gates count as ever. */
  verdict(probe: AnyProbe, names?: readonly string[]): VerdictStatus {
    if (names === undefined) return this.#verdicts.current[probe]?.status ?? "unhealthy";
    const stranger = names.find((name) => !this.records.get(name)?.check.probes.includes(probe));
    if (stranger !== undefined)
      throw new HealthError("unknown_check", `${probe} has no check ${show(stranger)}, so it has no verdict over it`);
    const members = this.snapshot().entries.filter(
      ({ name, kind, probes }) => probes.includes(probe) && (kind === "gate" || names.includes(name)),
    );
    return this.#verdicts.over(probe, this.#life, members);
  }

  #transition(record: CheckRecord, before: CheckState, wallAt: number): void {
    // Nothing that is still to be told of this check may be overtaken.
    this.#withheld.release(record.name);
    const { state, check } = record;
    const votesBefore = check.probes.map((probe) => record.vote(probe, before));
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
    this.#tracing.entered(record, over, this.now());
    record.rearm();
    for (const dependent of this.dependencies.dependentsOf(record.name)) this.records.get(dependent)?.invalidate();
    this.#moveVotes(record, votesBefore);
    const cause: Cause = { incidentId, span };
    const tell = () => {
      const told = { ...facts, causedBy: facts.causedBy ?? this.causeOf(record) };
      this.telemetry.checkTransition(told, checkTransition(told, before, wallAt, cause), span);
    };
    const waits = facts.causedBy === undefined && badness[state.status] > badness[before.status];
    const running = waits && this.#life.phase !== "draining" ? this.#runningAncestors(record) : [];
    this.#judge(wallAt, cause, () => {
      this.telemetry.metrics.checkTransition(record.name, state.status, before.status);
      if (running.length === 0) tell();
      else this.#withheld.hold(record.name, running, this.now(), () => this.#telling.add(tell));
      if (over !== undefined && incident === undefined) this.#tracing.outage(record, over, wallAt, "recovered");
    });
  }

  /** Checks that this one depends on and that are asked right now: they may tell in a moment who is to blame. */
  #runningAncestors({ name }: CheckRecord): readonly CheckRecord[] {
    return this.dependencies.ancestorsOf(name).flatMap((ancestor) => {
      const record = this.records.get(ancestor);
      return record?.driver.runningForMs === undefined ? [] : [record];
    });
  }

  /** The check reads differently for some probe, though its state is the same. */
  #revote(record: CheckRecord, before: CheckState, wallAt: number): void {
    this.#moveVotes(
      record,
      record.check.probes.map((probe) => record.vote(probe, before)),
    );
    this.#judge(wallAt, undefined);
  }

  #moveVotes(record: CheckRecord, votesBefore: readonly (VerdictStatus | undefined)[]): void {
    const { kind, critical, probes } = record.check;
    probes.forEach((probe, i) => {
      this.#verdicts.move(probe, kind === "gate", critical, votesBefore[i], record.vote(probe));
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
      // A healthy verdict is due to nobody: no need for a view of every check.
      status === "healthy"
        ? []
        : culpritsOf(probe, status, this.snapshot().entries)
            .slice(0, mostNamed)
            .map(({ name }) => name),
    );
    this.#telling.add(
      this.changes.tell,
      tell,
      ...changes.map((change, i) => () => {
        const transition = probeTransition(change, life, named[i] ?? [], wallAt, cause);
        this.telemetry.probeTransition(transition, cause?.span);
      }),
    );
  }

  #votesOf(probe: AnyProbe): readonly Vote[] {
    return Array.from(this.records.values()).flatMap((record) => {
      const { kind, critical, probes } = record.check;
      const status = votesAsGate(probe, kind === "gate") || !probes.includes(probe) ? undefined : record.vote(probe);
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
