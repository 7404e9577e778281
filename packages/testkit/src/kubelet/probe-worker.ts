import { kubeProbe } from "../kube-probe.ts";
import type { ProbeSettings } from "./pod-settings.ts";
import { Streak } from "./streak.ts";
import { Ticker } from "./ticker.ts";

/** One probe of one container. */
export class ProbeWorker {
  readonly #settings: ProbeSettings;
  readonly #port: number;
  readonly #from: number;
  readonly #ticker: Ticker;
  readonly #streak: Streak;

  constructor(settings: ProbeSettings, initial: boolean | undefined, port: number, now: number) {
    const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3, successThreshold = 1 } = settings;
    this.#settings = settings;
    this.#port = port;
    this.#from = now + initialDelaySeconds * 1000;
    this.#ticker = new Ticker(periodSeconds, now);
    this.#streak = new Streak(initial, { successes: successThreshold, failures: failureThreshold });
  }

  get result(): boolean | undefined {
    return this.#streak.result;
  }

  /** The next probe is due at once. */
  trigger(now: number): void {
    this.#ticker.reset(now);
  }

  /** Asks if it is time to. While it is on hold its ticker goes on, and nothing is asked. */
  async tick(now: number, onHold: boolean): Promise<void> {
    if (!this.#ticker.take(now) || onHold || now < this.#from) return;
    const { path, timeoutSeconds = 1 } = this.#settings;
    const { ok } = await kubeProbe(`http://127.0.0.1:${this.#port}${path}`, { timeoutMs: timeoutSeconds * 1000 });
    this.#streak.add(ok);
  }
}
