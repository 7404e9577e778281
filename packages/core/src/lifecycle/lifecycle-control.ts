import type { Clock } from "../clock.ts";
import { HealthError } from "../health-error.ts";
import type { CheckRecord } from "../monitor/check-record.ts";
import type { Monitor } from "../monitor/monitor.ts";
import { redact } from "../observation/redact.ts";
import { show } from "../option-reader.ts";
import type { AgendaEntry } from "../schedule/agenda.ts";
import { type DrainOptions, resolveDrain, serveOut, within } from "./drain.ts";
import { Startup } from "./startup.ts";
import type { ResolvedTask } from "./startup-options.ts";

/** Runs that ignore their signal are waited for at most this many milliseconds when everything ends. */
const stopWithinMs = 1_000;

/** Leads a process through its life; the monitor shows where it is. */
export class LifecycleControl {
  readonly #clock: Clock;
  readonly #monitor: Monitor;
  readonly #startup: Startup;
  readonly #warmUpMs: number;
  readonly #warmUpEnd: AgendaEntry = { position: -1, wakeAt: Number.POSITIVE_INFINITY, wake: () => this.warmedUp() };
  #started: Promise<void> | undefined;
  #drained: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  /** Cuts the delay of a drain short. */
  readonly #ending = Promise.withResolvers<void>();

  constructor(
    { clock, startup, warmUpMs }: { clock: Clock; startup: readonly ResolvedTask[]; warmUpMs: number },
    monitor: Monitor,
  ) {
    this.#clock = clock;
    this.#monitor = monitor;
    this.#warmUpMs = warmUpMs;
    this.#startup = new Startup(startup, monitor, () => this.#ready());
    monitor.startupEntries = () => this.#startup.entries();
  }

  start(): Promise<void> {
    if (this.#started !== undefined) return this.#started;
    if (this.#drained !== undefined || this.#stopped !== undefined) {
      return Promise.reject(
        new HealthError("stopped", "start() was called after drain() or stop(); make a new health object instead"),
      );
    }
    // Set before anything runs: a check's first answer may come at once, and who hears of it may call this again.
    this.#started = this.#startup.finished;
    for (const record of this.#monitor.records.values()) record.driver.start();
    this.#startup.start();
    this.#monitor.telemetry.bind();
    return this.#started;
  }

  /** A check was registered: it starts at once if the others have. */
  added(record: CheckRecord): void {
    if (this.#started !== undefined) record.driver.start();
  }

  warmedUp(): void {
    this.#monitor.agenda.set(this.#warmUpEnd, Number.POSITIVE_INFINITY);
    if (this.#monitor.life.warming) this.#monitor.enter({ warming: false });
  }

  retire(): void {
    if (this.#monitor.life.phase === "ready") this.#monitor.enter({ phase: "retiring" });
  }

  drain(options: DrainOptions): Promise<void> {
    const resolved = resolveDrain(options);
    if (this.#drained === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drained = promise;
      this.#startup.abort({ settles: !resolved.exiting });
      if (this.#monitor.life.phase !== "stopped") this.#monitor.enter({ phase: "draining" });
      resolve(serveOut(this.#clock, resolved, this.#ending.promise));
    }
    return this.#drained;
  }

  fatal(reason: string): void {
    if (typeof reason !== "string" || reason === "") {
      throw new HealthError("invalid_option", `fatal() takes the reason as a non-empty string, got ${show(reason)}`);
    }
    // The first reason stays: what comes later is mostly its consequence.
    if (this.#monitor.life.fatal === undefined) this.#monitor.enter({ fatal: redact(reason) });
  }

  stop(): Promise<void> {
    if (this.#stopped === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#stopped = promise;
      this.#ending.resolve();
      resolve(this.#stop());
    }
    return this.#stopped;
  }

  /** Takes a check out of its probes; resolves when its run has ended, or ignores its signal for too long. */
  unregister(record: CheckRecord): Promise<void> {
    return within(this.#clock, stopWithinMs, this.#monitor.remove(record, "unregistered"));
  }

  async refresh(maxAgeMs: number): Promise<void> {
    if (this.#stopped !== undefined) return;
    await Promise.all(Array.from(this.#monitor.records.values(), (record) => this.#refresh(record, maxAgeMs)));
    this.#monitor.renderings.renderAll();
  }

  /** Throws where the health object has been stopped. */
  refuseIfStopped(what: string): void {
    if (this.#stopped !== undefined)
      throw new HealthError("stopped", `the health object was stopped and cannot ${what}; make a new one`);
  }

  async #refresh(record: CheckRecord, maxAgeMs: number): Promise<void> {
    if (!this.#isOld(record, maxAgeMs)) return;
    await record.driver.refresh();
    // What was joined may have been under way through a suspension.
    if (outlasted(record)) await record.driver.refresh();
  }

  #isOld(record: CheckRecord, maxAgeMs: number): boolean {
    const { observation } = record.state;
    if (observation === undefined || outlasted(record)) return true;
    // Some suspensions stop monotonic time; where the wall clock was set forward instead, this costs a run.
    return Math.max(this.#monitor.ageMs(observation), this.#clock.wallTime() - observation.wallAt) >= maxAgeMs;
  }

  #ready(): void {
    this.#monitor.enter({ phase: "ready", started: true, warming: this.#warmUpMs > 0 });
    if (this.#warmUpMs > 0) this.#monitor.agenda.set(this.#warmUpEnd, this.#monitor.now() + this.#warmUpMs);
  }

  async #stop(): Promise<void> {
    this.#startup.abort();
    this.#monitor.enter({ phase: "stopped" });
    // Or the slots of the runs that end would start those that wait.
    this.#monitor.queue.clear();
    const ended = Array.from(this.#monitor.records.values(), (record) => this.#monitor.remove(record, "shutdown"));
    this.#monitor.agenda.close();
    this.#monitor.renderings.renderAll();
    await within(this.#clock, stopWithinMs, Promise.all(ended));
  }
}

/** A pass after its deadline counts, since the loop was late; but who asks how it is now gets no news from before a gap. */
function outlasted({ check: { schedule }, state: { observation } }: CheckRecord): boolean {
  if (schedule === undefined || observation === undefined || observation.outcome === "fail") return false;
  return (observation.durationMs ?? 0) > schedule.timeoutMs;
}
