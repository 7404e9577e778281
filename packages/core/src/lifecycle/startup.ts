import type { ResolvedCheck } from "../check/resolve-check.ts";
import { HealthError } from "../health-error.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import { faultOf } from "../state/check-state.ts";
import { StartupAttempts } from "./startup-attempts.ts";
import type { ResolvedTask } from "./startup-options.ts";

/** The way from `starting` to `ready`: every task done, and every critical startup check healthy or degraded. */
export class Startup {
  readonly #monitor: Monitor;
  readonly #tasks: readonly StartupAttempts[];
  readonly #onReady: () => void;
  readonly #finished: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #startedAt: number | undefined;

  constructor(tasks: readonly ResolvedTask[], monitor: Monitor, onReady: () => void) {
    this.#monitor = monitor;
    this.#onReady = onReady;
    this.#tasks = tasks.map(
      (task) =>
        new StartupAttempts(task, {
          clock: monitor.clock,
          errorTypes: monitor.errorTypes,
          now: () => monitor.now(),
          schedule: (entry, at) => monitor.schedule(entry, at),
          progressed: () => this.#progressed(),
        }),
    );
  }

  /** The tasks as entries of the snapshot. */
  entries(): readonly CheckSnapshot[] {
    return this.#tasks.map((task) => task.view());
  }

  /** Resolves when the process is ready; rejects where it never will be. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** Begins the tasks. Where a listener has ended everything meanwhile, only the promise is left to settle. */
  start(): void {
    this.#startedAt = this.#monitor.now();
    if (!this.#isOpen()) {
      this.#end(aborted());
      return;
    }
    // Nothing else may keep a starting process alive while it waits for its next attempt.
    this.#monitor.agenda.keepAlive(true);
    this.#monitor.onChange = () => this.#advance();
    this.#progressed();
  }

  /** Gives up, because the process is asked to end; unless it `settles`, nobody who waits for the start is told. */
  abort({ settles = true }: { readonly settles?: boolean } = {}): void {
    if (!this.#isOpen()) return;
    for (const task of this.#tasks) task.abort();
    this.#end(settles ? aborted() : "never");
  }

  #progressed(): void {
    this.#monitor.touched();
    for (const task of this.#tasks) {
      if (task.isWaiting && task.task.after.every((name) => this.#isDone(name)) && this.#isOpen()) task.begin();
    }
    this.#advance();
  }

  #advance(): void {
    if (!this.#isOpen()) return;
    const failure = this.#failure();
    if (failure !== undefined) {
      for (const task of this.#tasks) task.abort();
      this.#monitor.enter({ phase: "failed" });
      this.#end(new HealthError("startup_failed", `startup failed: ${failure}; mend it and start the process again`));
      return;
    }
    if (!this.#tasks.every((task) => task.isDone)) return;
    for (const { check, state } of this.#monitor.records.values()) {
      if (isAwaited(check) && state.status !== "healthy" && state.status !== "degraded") return;
    }
    this.#onReady();
    this.#monitor.telemetry.metrics.started((this.#monitor.now() - (this.#startedAt ?? 0)) / 1_000);
    this.#end(undefined);
  }

  #failure(): string | undefined {
    for (const { task, failure } of this.#tasks) if (failure !== undefined) return `${task.name}: ${failure.message}`;
    for (const { name, check, state } of this.#monitor.records.values()) {
      if (isAwaited(check) && faultOf(state) === "fatal") return `${name}: ${state.observation?.message}`;
    }
    return undefined;
  }

  #end(error: HealthError | "never" | undefined): void {
    this.#monitor.onChange = () => {};
    this.#monitor.agenda.keepAlive(false);
    if (error === undefined) this.#finished.resolve();
    // Whoever never called start() is not waiting for an answer.
    else if (error !== "never" && this.#startedAt !== undefined) this.#finished.reject(error);
  }

  #isOpen(): boolean {
    return this.#monitor.life.phase === "starting";
  }

  #isDone(name: string): boolean {
    return this.#tasks.some((attempts) => attempts.task.name === name && attempts.isDone);
  }
}

function aborted(): HealthError {
  return new HealthError("startup_aborted", "the process was drained or stopped before startup had finished");
}

/** An optional check holds up nothing, not even here. */
function isAwaited({ probes, critical }: ResolvedCheck): boolean {
  return critical && probes.includes("startup");
}
