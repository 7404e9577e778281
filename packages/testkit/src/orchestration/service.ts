import { FakeClock } from "@otel-health/core/testing";
import { type Routed, type TargetAction, TargetGroup } from "../kubelet/target-group.ts";
import type { OrchestrationAdapter } from "./adapter.ts";
import { Instance } from "./instance.ts";

/** Two instances behind a balancer that kills what it stops routing to, on a clock of their own. */
export class Service implements AsyncDisposable {
  readonly one: Instance;
  readonly two: Instance;
  readonly group: TargetGroup;
  readonly #clock: FakeClock;
  readonly #hasApp: boolean;
  #answers: Routed[] = [];

  private constructor(clock: FakeClock, hasApp: boolean, one: Instance, two: Instance) {
    this.#clock = clock;
    this.#hasApp = hasApp;
    this.one = one;
    this.two = two;
    // Real seconds: that the machine is slow must not fail a check.
    this.group = new TargetGroup(clock, { intervalSeconds: 10, gracePeriodSeconds: 120, timeoutSeconds: 10 });
    this.group.register("one", one);
    this.group.register("two", two);
  }

  static async start(adapter: OrchestrationAdapter): Promise<Service> {
    const clock = new FakeClock();
    const one = await Instance.start(adapter, clock);
    return new Service(clock, adapter.hasApp, one, await Instance.start(adapter, clock));
  }

  get actions(): readonly TargetAction[] {
    return this.group.actions;
  }

  /** Time goes by, second by second, with a request in each where there is an application. */
  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await this.#clock.advance(1_000);
      for (const instance of [this.one, this.two]) instance.turn();
      await this.group.tick();
      if (this.#hasApp) this.#answers.push(await this.group.get("/orders"));
    }
  }

  /** Which targets answered how, since the last call. */
  traffic(): ReadonlySet<string> {
    const seen = new Set(this.#answers.map(({ target, status }) => `${status} by ${target ?? "the balancer"}`));
    this.#answers = [];
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.group[Symbol.dispose]();
    for (const instance of [this.one, this.two]) await instance[Symbol.asyncDispose]();
  }
}
