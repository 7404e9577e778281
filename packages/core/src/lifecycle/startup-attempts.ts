import type { Clock } from "../clock.ts";
import type { ErrorTypes } from "../observation/error-type.ts";
import type { Answer } from "../observation/observation.ts";
import { readReturned, readThrown } from "../observation/read-answer.ts";
import { iso } from "../report/iso.ts";
import type { AgendaEntry } from "../schedule/agenda.ts";
import { backoffDelay } from "../schedule/delay.ts";
import { Run } from "../schedule/run.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import { untraced } from "../telemetry/suppress.ts";
import type { ResolvedTask } from "./startup-options.ts";

/** What a task takes from the health object. */
export interface TaskHost {
  readonly clock: Clock;
  readonly errorTypes: ErrorTypes;
  /** Timeline milliseconds. */
  now(): number;
  schedule(entry: AgendaEntry, at: number): void;
  /** The task went on. */
  progressed(): void;
}

/** One startup task on its way to done: attempts, never two at once, with back-off between them. */
export class StartupAttempts implements AgendaEntry {
  position = -1;
  wakeAt: number = Number.POSITIVE_INFINITY;
  readonly task: ResolvedTask;
  readonly #host: TaskHost;
  #phase: "waiting" | "running" | "retrying" | "done" | "failed" | "aborted" = "waiting";
  #attempt = 0;
  #failures = 0;
  #answer: Answer | undefined;
  #wallSince: number;
  #wallNext: number | null = null;
  #wallEnded: number | null = null;
  #overdue = false;
  #run: Run | undefined;

  constructor(task: ResolvedTask, host: TaskHost) {
    this.task = task;
    this.#host = host;
    this.#wallSince = host.clock.wallTime();
  }

  get isWaiting(): boolean {
    return this.#phase === "waiting";
  }

  get isDone(): boolean {
    return this.#phase === "done";
  }

  /** The fatal fault it met; undefined while it met none. */
  get failure(): Answer | undefined {
    return this.#phase === "failed" ? this.#answer : undefined;
  }

  begin(): void {
    this.#attempt++;
    this.#overdue = false;
    this.#enter("running", null);
    const run = new Run(this.#host.clock, this.task.timeoutMs, this.#host.now(), 0, 0);
    this.#run = run;
    this.#host.schedule(this, run.startedAt + this.task.timeoutMs);
    // #execute never rejects: whatever the function does becomes an answer.
    void this.#execute(run);
    this.#host.progressed();
  }

  wake(): void {
    if (this.#phase === "retrying") this.begin();
    else if (this.#phase === "running") {
      // Half a migration must not run beside its second attempt: the next one waits until this one has settled.
      this.#overdue = true;
      this.#run?.abort(`not done within ${this.task.timeoutMs} ms`, "TimeoutError");
      this.#host.progressed();
    }
  }

  abort(): void {
    if (this.#phase === "done" || this.#phase === "failed") return;
    this.#run?.abort("startup was aborted", "AbortError");
    this.#enter("aborted", null);
    this.#host.schedule(this, Number.POSITIVE_INFINITY);
  }

  /** The task as an entry of the snapshot. */
  view(): CheckSnapshot {
    const { name, hint } = this.task;
    const done = this.#phase === "done";
    const failing = this.#failures > 0 && !done;
    return Object.freeze<CheckSnapshot>({
      name,
      kind: "startup task",
      probes: ["startup"],
      critical: true,
      status: done ? "healthy" : failing ? "unhealthy" : "unknown",
      ok: done,
      checkedAt: this.#wallEnded,
      since: this.#wallSince,
      nextCheckAt: this.#wallNext,
      durationMs: null,
      consecutiveFailures: done ? 0 : this.#failures,
      flapping: false,
      heldUntil: null,
      incidentId: null,
      causedBy: null,
      fault: failing ? (this.#answer?.fault ?? null) : null,
      errorType: failing ? (this.#answer?.errorType ?? null) : null,
      message: this.#message(),
      hint: failing ? (this.#answer?.hint ?? hint ?? null) : null,
      votes: { startup: done ? "healthy" : "unhealthy" },
    });
  }

  #message(): string {
    const { after, attempts, timeoutMs } = this.task;
    const reason = this.#answer?.message ?? "";
    switch (this.#phase) {
      case "waiting":
        return after.length > 0 ? `waits for ${after.join(", ")}` : "not begun";
      case "running": {
        const since = `attempt ${this.#attempt} since ${iso(this.#wallSince)}`;
        return this.#overdue ? `${since}, not done within ${timeoutMs} ms, waiting for it to settle` : since;
      }
      case "retrying": {
        const exhausted = this.#attempt >= attempts ? ", attempts exhausted" : "";
        return `attempt ${this.#attempt} failed${exhausted}: ${reason}`;
      }
      case "done":
        return `done at attempt ${this.#attempt}`;
      case "failed":
        return `attempt ${this.#attempt} met a fatal fault: ${reason}`;
      case "aborted":
        return "aborted";
    }
  }

  async #execute(run: Run): Promise<void> {
    const { errorTypes } = this.#host;
    let answer: Answer;
    try {
      answer = readReturned(await untraced(this.task.run, run.context), errorTypes);
    } catch (thrown) {
      answer = readThrown(thrown, errorTypes);
    }
    if (run === this.#run && this.#phase === "running") this.#settle(answer);
  }

  #settle(answer: Answer): void {
    this.#answer = answer;
    this.#wallEnded = this.#host.clock.wallTime();
    this.#host.schedule(this, Number.POSITIVE_INFINITY);
    if (answer.outcome !== "fail") this.#enter("done", null);
    else {
      this.#failures++;
      if (answer.fault === "fatal") this.#enter("failed", null);
      else this.#retry(answer.retryAfterMs);
    }
    this.#host.progressed();
  }

  #retry(retryAfterMs: number): void {
    const { backoff, attempts } = this.task;
    const rule = this.#attempt >= attempts ? { initialMs: backoff.maxMs, factor: 1 } : backoff;
    const grown = backoffDelay(backoff.maxMs, rule, this.#attempt, this.#host.clock.random());
    const delay = Math.max(grown, Math.min(retryAfterMs, backoff.maxMs));
    this.#enter("retrying", Math.round(this.#host.clock.wallTime() + delay));
    this.#host.schedule(this, this.#host.now() + delay);
  }

  #enter(phase: "running" | "retrying" | "done" | "failed" | "aborted", wallNext: number | null): void {
    this.#phase = phase;
    this.#wallSince = this.#host.clock.wallTime();
    this.#wallNext = wallNext;
  }
}
