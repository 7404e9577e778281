import { show } from "../option-reader.ts";
import { attend } from "../telemetry/guard.ts";
import { type Aggregator, type VerdictStatus, type Vote, type Votes, verdictStatuses } from "./votes.ts";

type Counts = { [S in VerdictStatus]: number };

/** The votes of one probe, counted as they change, so that a verdict costs the same with ten checks and ten thousand. */
export class Ballot implements Votes {
  readonly critical: Counts = { healthy: 0, degraded: 0, unhealthy: 0 };
  readonly optional: Counts = { healthy: 0, degraded: 0, unhealthy: 0 };
  /** A field: an aggregator may take its votes apart. */
  readonly all: () => readonly Vote[];

  constructor(all: () => readonly Vote[]) {
    this.all = all;
  }

  /** Moves one vote; undefined stands for a check that does not count. */
  move(critical: boolean, from: VerdictStatus | undefined, to: VerdictStatus | undefined): void {
    const counts = critical ? this.critical : this.optional;
    if (from !== undefined) counts[from]--;
    if (to !== undefined) counts[to]++;
  }
}

/** Asks an aggregator, and takes no nonsense for an answer. `complain` hears what was wrong. */
export function ask(aggregator: Aggregator, votes: Votes, complain: (problem: unknown) => void): VerdictStatus {
  try {
    const verdict = aggregator(votes);
    if (verdictStatuses.includes(verdict)) return verdict;
    attend("an aggregator rejected", verdict);
    complain(new TypeError(`an aggregator answered ${show(verdict)}`));
  } catch (error) {
    complain(error);
  }
  return "unhealthy";
}
