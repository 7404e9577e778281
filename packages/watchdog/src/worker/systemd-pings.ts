import type { SystemdNotifier } from "../host/systemd-notifier.ts";

/** Tells systemd that the process lives until liveness fails: a loop that is blocked does not silence it. */
export class SystemdPings {
  readonly #notifier: SystemdNotifier;
  readonly #everyMs: number;
  #pingedAt = Number.NEGATIVE_INFINITY;

  /** `everyMs`: milliseconds between two pings. */
  constructor(notifier: SystemdNotifier, everyMs: number) {
    this.#notifier = notifier;
    this.#everyMs = everyMs;
  }

  /** To be called often; `now` is monotonic milliseconds. */
  look(now: number, livenessFails: boolean): void {
    if (livenessFails || now - this.#pingedAt < this.#everyMs) return;
    this.#pingedAt = now;
    this.#notifier.send("WATCHDOG=1");
  }
}
