import type { Clock, Health, LifecyclePhase, Timer } from "@otel-health/core";
import type { SystemdNotifier } from "./systemd-notifier.ts";

/** What of a health object is reported. */
type ReportedHealth = Pick<Health, "on" | "snapshot" | "report" | "verdict">;

/** No more than one status in this time, milliseconds: each costs a process. */
const statusEveryMs = 1_000;
/** `systemctl status` shows one line. */
const longestStatus = 300;

/** The phases that systemd knows, and what each is told by. Health never goes back to one before. */
const phases = { starting: [], ready: ["READY=1"], stopping: ["STOPPING=1"] } as const;
type Phase = keyof typeof phases;

const phaseOf: { readonly [P in LifecyclePhase]: Phase } = {
  starting: "starting",
  failed: "starting",
  ready: "ready",
  retiring: "ready",
  draining: "stopping",
  stopped: "stopping",
};

/** Follows one health object and passes on what systemd wants to know. */
export class SystemdReporter {
  readonly #health: ReportedHealth;
  readonly #notifier: SystemdNotifier;
  readonly #clock: Clock;
  readonly #off: () => void;
  #phase: Phase | undefined;
  #status = "";
  #statusTimer: Timer | undefined;
  #watchdogTimer: Timer | undefined;

  constructor(health: ReportedHealth, notifier: SystemdNotifier, clock: Clock, watchdog: boolean) {
    this.#health = health;
    this.#notifier = notifier;
    this.#clock = clock;
    this.#off = health.on("change", () => this.#changed());
    this.#changed();
    if (watchdog && notifier.watchdogIntervalMs !== undefined) this.#ping(notifier.watchdogIntervalMs);
  }

  stop(): void {
    this.#off();
    for (const timer of [this.#statusTimer, this.#watchdogTimer])
      if (timer !== undefined) this.#clock.clearTimer(timer);
  }

  #changed(): void {
    const phase = phaseOf[this.#health.snapshot().lifecycle];
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#notifier.send(...phases[phase], ...this.#newStatus());
      return;
    }
    this.#statusTimer ??= this.#clock.setTimer(() => this.#tellStatus(), statusEveryMs, false);
  }

  #tellStatus(): void {
    this.#statusTimer = undefined;
    this.#notifier.send(...this.#newStatus());
  }

  #newStatus(): readonly string[] {
    const status = oneLine(this.#health.report("readiness", { detail: "summary" }).message ?? "");
    if (status === this.#status) return [];
    this.#status = status;
    return [`STATUS=${status}`];
  }

  #ping(everyMs: number): void {
    // A process that is beyond repair goes silent, and is restarted.
    if (this.#health.verdict("liveness") !== "unhealthy") this.#notifier.send("WATCHDOG=1");
    this.#watchdogTimer = this.#clock.setTimer(() => this.#ping(everyMs), everyMs, false);
  }
}

/** A line of text that is no second assignment. */
function oneLine(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, " ");
  return line.length > longestStatus ? `${line.slice(0, longestStatus - 1)}…` : line;
}
