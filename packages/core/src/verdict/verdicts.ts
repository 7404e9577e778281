import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { Verdict } from "../snapshot/health-snapshot.ts";
import { ask, Ballot } from "./ballot.ts";
import { judge } from "./judge.ts";
import { type ProbeName, probeNames } from "./probe.ts";
import { type Aggregator, aggregatorOf, type VerdictStatus, type Vote } from "./votes.ts";

/** A verdict that is not what it was. */
export interface VerdictChange {
  readonly probe: ProbeName;
  readonly status: VerdictStatus;
  readonly previous: VerdictStatus;
}

/** The four verdicts, kept current as votes move and the lifecycle goes on. */
export class Verdicts {
  readonly #aggregators: { readonly [P in ProbeName]: Aggregator };
  readonly #complain: (problem: unknown) => void;
  readonly #checks: { readonly [P in ProbeName]: Ballot };
  readonly #gates: { readonly [P in ProbeName]: Ballot };
  #current: { readonly [P in ProbeName]: Verdict };

  constructor(
    aggregators: { readonly [P in ProbeName]: Aggregator },
    votesOf: (probe: ProbeName) => readonly Vote[],
    life: Lifecycle,
    wallAt: number,
    complain: (problem: unknown) => void,
  ) {
    this.#aggregators = aggregators;
    this.#complain = complain;
    this.#checks = byProbe((probe) => new Ballot(() => votesOf(probe)));
    this.#gates = byProbe(() => new Ballot(() => []));
    this.#current = byProbe((probe) => ({ status: this.#judge(probe, life), since: wallAt }));
  }

  /** The same object for as long as no verdict changes. */
  get current(): { readonly [P in ProbeName]: Verdict } {
    return this.#current;
  }

  move(
    probe: ProbeName,
    gate: boolean,
    critical: boolean,
    from: VerdictStatus | undefined,
    to: VerdictStatus | undefined,
  ): void {
    (gate ? this.#gates : this.#checks)[probe].move(critical, from, to);
  }

  /** Judges anew; says which verdicts changed. */
  update(life: Lifecycle, wallAt: number): readonly VerdictChange[] {
    const changes: VerdictChange[] = [];
    for (const probe of probeNames) {
      const status = this.#judge(probe, life);
      const previous = this.#current[probe].status;
      if (status !== previous) changes.push({ probe, status, previous });
    }
    if (changes.length > 0) {
      const next = { ...this.#current };
      for (const { probe, status } of changes) next[probe] = { status, since: wallAt };
      this.#current = next;
    }
    return changes;
  }

  #judge(probe: ProbeName, life: Lifecycle): VerdictStatus {
    return judge(
      probe,
      life,
      () => gateRule(this.#gates[probe]),
      () => ask(this.#aggregators[probe], this.#checks[probe], this.#complain),
    );
  }
}

/** A closed gate closes, whatever the probe's own aggregator is. */
const gateRule: Aggregator = aggregatorOf("critical");

/** A record with one value for each probe. */
export function byProbe<T>(make: (probe: ProbeName) => T): { [P in ProbeName]: T } {
  return Object.fromEntries(probeNames.map((probe) => [probe, make(probe)])) as { [P in ProbeName]: T };
}
