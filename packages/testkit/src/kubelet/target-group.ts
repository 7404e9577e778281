import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import type { Clock } from "@otel-health/core";
import { kubeProbe } from "../kube-probe.ts";
import type { Container } from "./container.ts";
import { Streak } from "./streak.ts";
import type { TargetGroupSettings } from "./target-group-settings.ts";
import { Ticker } from "./ticker.ts";

/** What becomes of a target, after its name. */
export type TargetAction = `${string} ${"healthy" | "unhealthy" | "killed"}`;

/** The answer to a request that went through the balancer. */
export interface Routed {
  /** Undefined where no target was healthy, which is answered with 503. */
  readonly target: string | undefined;
  /** 502 where the target gave no answer. */
  readonly status: number;
  readonly body: string;
}

interface Registered {
  readonly container: Container;
  readonly ticker: Ticker;
  readonly streak: Streak;
  readonly spareUntil: number;
}

/**
 * A balancer that kills what it stops routing to, as an ALB does with the ECS service behind it. Its time is the clock's
 * and passes in ticks, its requests are real; those that it routes go over connections that it keeps. Unlike an ALB it
 * does not fail open: where no target is healthy, none gets a request.
 */
export class TargetGroup implements Disposable {
  readonly #clock: Pick<Clock, "now">;
  readonly #settings: TargetGroupSettings;
  readonly #targets = new Map<string, Registered>();
  readonly #actions: TargetAction[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  #turn = 0;

  constructor(clock: Pick<Clock, "now">, settings: TargetGroupSettings = {}) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Everything that it has done, in order. */
  get actions(): readonly TargetAction[] {
    return this.#actions;
  }

  register(name: string, container: Container): void {
    const { intervalSeconds = 30, healthyThreshold, unhealthyThreshold, gracePeriodSeconds = 0 } = this.#settings;
    const now = this.#clock.now();
    this.#targets.set(name, {
      container,
      ticker: new Ticker(intervalSeconds, now),
      streak: new Streak(undefined, { successes: healthyThreshold ?? 5, failures: unhealthyThreshold ?? 2 }),
      spareUntil: now + gracePeriodSeconds * 1000,
    });
  }

  /** Sends it no more requests; those that are under way go on. */
  deregister(name: string): void {
    this.#targets.delete(name);
  }

  /** Does what is due at this time of the clock. */
  async tick(): Promise<void> {
    const now = this.#clock.now();
    for (const [name, target] of this.#targets) {
      if (target.ticker.take(now)) await this.#check(name, target);
      if (target.streak.result === false && now >= target.spareUntil) this.#kill(name, target);
    }
  }

  /** Sends a GET to the healthy target whose turn it is. */
  async get(path: string): Promise<Routed> {
    const healthy = [...this.#targets].filter(([, { streak }]) => streak.result === true);
    const next = healthy[this.#turn % healthy.length];
    if (next === undefined) return { target: undefined, status: 503, body: "" };
    this.#turn++;
    const [target, { container }] = next;
    const { promise, resolve, reject } = Promise.withResolvers<Omit<Routed, "target">>();
    const sent = request({ host: "127.0.0.1", port: container.port, path, agent: this.#agent }, (response) => {
      resolve(text(response).then((body) => ({ status: response.statusCode ?? 502, body })));
    });
    sent.on("error", reject).end();
    const answer = await promise.catch(({ message }: Error) => ({ status: 502, body: message }));
    return { target, ...answer };
  }

  async #check(name: string, { container, streak }: Registered): Promise<void> {
    const { path = "/servez", timeoutSeconds = 5 } = this.#settings;
    const before = streak.result;
    const { status, error } = await kubeProbe(`http://127.0.0.1:${container.port}${path}`, {
      timeoutMs: timeoutSeconds * 1000,
    });
    streak.add(status === 200 && error === undefined);
    if (streak.result !== before) this.#actions.push(`${name} ${streak.result ? "healthy" : "unhealthy"}`);
  }

  #kill(name: string, { container }: Registered): void {
    this.deregister(name);
    this.#actions.push(`${name} killed`);
    container.kill("SIGTERM");
  }

  /** Cuts the connections that it has kept. */
  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
