import type { Health } from "../health.ts";
import { HealthError } from "../health-error.ts";
import type { HealthSnapshot } from "../snapshot/health-snapshot.ts";
import type { HealthState } from "../state/check-state.ts";
import type { CheckTransition, ProbeTransition, Transition } from "../telemetry/transition.ts";
import type { ProbeName } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";

/** The parts of a health object that are recorded. */
export interface Recorded<Names extends string> {
  readonly on: Health["on"];
  snapshot(): HealthSnapshot<Names>;
}

/** The transitions of a health object in the order in which listeners hear of them; made by {@link recordTransitions}. */
export class TransitionRecord<Names extends string = string> implements Disposable {
  readonly #health: Recorded<Names>;
  readonly #stop: () => void;
  #before: HealthSnapshot<Names>;
  #all: Transition[] = [];

  constructor(health: Recorded<Names>) {
    this.#health = health;
    this.#before = health.snapshot();
    this.#stop = health.on("transition", (transition) => void this.#all.push(transition));
  }

  /** Those since the beginning, or since `clear()`. */
  get all(): readonly Transition[] {
    return this.#all;
  }

  ofCheck(name: Names): readonly CheckTransition[] {
    return this.#all.filter((one): one is CheckTransition => one.type === "check" && one.name === name);
  }

  ofProbe(probe: ProbeName): readonly ProbeTransition[] {
    return this.#all.filter((one): one is ProbeTransition => one.type === "probe" && one.probe === probe);
  }

  /** The states of a check one after the other, from the one that it was in at first. Throws `HealthError` for no check. */
  statesOf(name: Names): readonly HealthState[] {
    const heard = this.ofCheck(name);
    const quiet = this.#before.checks[name] ?? this.#health.snapshot().checks[name];
    const first = heard[0]?.previousState ?? quiet?.status;
    if (first === undefined)
      throw new HealthError("unknown_check", `there is no check "${name}" whose states could be told`);
    return [first, ...heard.map(({ state }) => state)];
  }

  /** The verdicts of a probe one after the other, from the one that it gave at first. */
  verdictsOf(probe: ProbeName): readonly VerdictStatus[] {
    const heard = this.ofProbe(probe);
    return [heard[0]?.previousState ?? this.#before.probes[probe].status, ...heard.map(({ state }) => state)];
  }

  /** Forgets what was recorded, and goes on recording. */
  clear(): void {
    this.#all = [];
    this.#before = this.#health.snapshot();
  }

  /** Ends the recording; what was recorded stays. */
  stop(): void {
    this.#stop();
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

/** Records the transitions of `health` from now on, also those that come before `start()` has resolved. */
export function recordTransitions<Names extends string>(health: Recorded<Names>): TransitionRecord<Names> {
  return new TransitionRecord(health);
}
