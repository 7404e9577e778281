import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { Verdict } from "../snapshot/health-snapshot.ts";
import { ask, Ballot } from "./ballot.ts";
import { judge } from "./judge.ts";
import { type AnyProbe, type ByProbe, byProbe, isGroup } from "./probe.ts";
import { type Aggregator, aggregatorOf, type VerdictStatus, type Vote } from "./votes.ts";

/** A verdict that is not what it was. */
export interface VerdictChange {
  readonly probe: AnyProbe;
  readonly status: VerdictStatus;
  readonly previous: VerdictStatus;
}

/** A probe as it is judged. */
export interface JudgedProbe {
  readonly name: AnyProbe;
  readonly aggregator: Aggregator;
}

interface Tally {
  readonly probe: AnyProbe;
  readonly aggregator: Aggregator;
  readonly checks: Ballot;
  readonly gates: Ballot;
}

/** All verdicts, kept current as votes move and the lifecycle goes on. */
export class Verdicts {
  readonly #complain: (problem: unknown) => void;
  readonly #tallies: ReadonlyMap<AnyProbe, Tally>;
  #current: ByProbe<Verdict>;

  constructor(
    probes: readonly JudgedProbe[],
    votesOf: (probe: AnyProbe) => readonly Vote[],
    life: Lifecycle,
    wallAt: number,
    complain: (problem: unknown) => void,
  ) {
    this.#complain = complain;
    this.#tallies = new Map(
      probes.map(({ name, aggregator }) => {
        const checks = new Ballot(() => votesOf(name));
        return [name, { probe: name, aggregator, checks, gates: new Ballot(() => []) }];
      }),
    );
    this.#current = byProbe([...this.#tallies.keys()], (probe) => ({
      status: this.#judge(this.#of(probe), life),
      since: wallAt,
    }));
  }

  /** The same object for as long as no verdict changes. */
  get current(): ByProbe<Verdict> {
    return this.#current;
  }

  move(
    probe: AnyProbe,
    gate: boolean,
    critical: boolean,
    from: VerdictStatus | undefined,
    to: VerdictStatus | undefined,
  ): void {
    const { checks, gates } = this.#of(probe);
    (votesAsGate(probe, gate) ? gates : checks).move(critical, from, to);
  }

  /** Judges anew; says which verdicts changed. */
  update(life: Lifecycle, wallAt: number): readonly VerdictChange[] {
    const changes: VerdictChange[] = [];
    for (const tally of this.#tallies.values()) {
      const status = this.#judge(tally, life);
      const previous = this.#current[tally.probe]?.status ?? status;
      if (status !== previous) changes.push({ probe: tally.probe, status, previous });
    }
    if (changes.length > 0) {
      const changed = Object.fromEntries(changes.map(({ probe, status }) => [probe, { status, since: wallAt }]));
      this.#current = { ...this.#current, ...changed };
    }
    return changes;
  }

  /** What a probe's verdict would be with these of its checks and no others. */
  over(probe: AnyProbe, life: Lifecycle, members: readonly CheckSnapshot[]): VerdictStatus {
    const all: Vote[] = [];
    const checks = new Ballot(() => all);
    const gates = new Ballot(() => []);
    for (const { name, kind, critical, votes } of members) {
      const status = votes[probe];
      const gate = votesAsGate(probe, kind === "gate");
      (gate ? gates : checks).move(critical, undefined, status);
      if (!gate && status !== undefined) all.push({ name, critical, status });
    }
    return this.#judge({ ...this.#of(probe), checks, gates }, life);
  }

  #of(probe: AnyProbe): Tally {
    const tally = this.#tallies.get(probe);
    if (tally === undefined) throw new TypeError(`there is no probe ${probe}`);
    return tally;
  }

  #judge({ probe, aggregator, checks, gates }: Tally, life: Lifecycle): VerdictStatus {
    return judge(
      probe,
      life,
      () => gateRule(gates),
      () => ask(aggregator, checks, this.#complain),
    );
  }
}

/** A closed gate closes, whatever the probe's own aggregator is. */
const gateRule: Aggregator = aggregatorOf("critical");

/** Whether a check switches the whole probe. In a group a gate is a check like any other. */
export function votesAsGate(probe: AnyProbe, gate: boolean): boolean {
  return gate && !isGroup(probe);
}
