import { setTimeout as sleep } from "node:timers/promises";
import { type KubeProbeResult, kubeProbe } from "@otel-health/testkit";

/** What two probes answered at one moment. */
export interface Sight {
  readonly readyz: KubeProbeResult;
  readonly livez: KubeProbeResult;
}

/** Probes readiness and liveness ten times a second, as a kubelet does, and remembers every answer. */
export class Watch implements AsyncDisposable {
  readonly #url: string;
  readonly #onSight: (sight: Sight) => void;
  readonly #stopping = new AbortController();
  readonly #sights: Sight[] = [];
  readonly #ended: Promise<void>;

  constructor(url: string, onSight: (sight: Sight) => void) {
    this.#url = url;
    this.#onSight = onSight;
    this.#ended = this.#look();
  }

  /** How many sights there are by now; a mark for {@link expectOnly}. */
  get count(): number {
    return this.#sights.length;
  }

  /** Says that each probe since the mark was answered with `status`, and how many they were; throws where one was not. */
  expectOnly(status: number, probe: keyof Sight, since = 0): string {
    const answers = this.#sights.slice(since).map((sight) => sight[probe].status ?? sight[probe].error);
    const others = answers.filter((answer) => answer !== status);
    if (answers.length === 0) throw new Error(`/${probe} was not probed`);
    if (others.length > 0) {
      const seen = [...new Set(others)].join(", ");
      throw new Error(`/${probe} should answer ${status}; ${others.length} of ${answers.length} times it was ${seen}`);
    }
    return `${status} in all ${answers.length} probes`;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const [readyz, livez] = await Promise.all([kubeProbe(`${this.#url}/readyz`), kubeProbe(`${this.#url}/livez`)]);
      const sight = { readyz, livez };
      this.#sights.push(sight);
      this.#onSight(sight);
      await sleep(100, undefined, { signal }).catch(() => {});
    }
  }
}
