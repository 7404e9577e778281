import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthSnapshot, Verdict } from "../snapshot/health-snapshot.ts";
import type { AnyProbe } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";

/** What a report is about: a probe with its checks, without some of them, or one of them alone. */
export interface View {
  readonly probe: AnyProbe;
  readonly verdict: Verdict;
  readonly members: readonly CheckSnapshot[];
  /** The one check that was asked for by its own path. */
  readonly alone: boolean;
  /** Checks that were left out as asked, and names that could not be. */
  readonly excluded: readonly string[];
  readonly ignored: readonly string[];
}

/** What a verdict would be with these members and no others. */
export type Judge = (probe: AnyProbe, snapshot: HealthSnapshot, members: readonly CheckSnapshot[]) => VerdictStatus;

/** A probe with all of its checks. */
export function viewOf(snapshot: HealthSnapshot, probe: AnyProbe): View {
  return { probe, verdict: verdictOf(snapshot, probe), members: membersOf(snapshot, probe), ...whole };
}

/** A probe without some of its checks. Of startup nothing can be left out: it latches. */
export function viewWithout(snapshot: HealthSnapshot, probe: AnyProbe, names: readonly string[], judge: Judge): View {
  const view = viewOf(snapshot, probe);
  const excluded = names.filter((name) => probe !== "startup" && view.members.some((member) => member.name === name));
  const ignored = names.filter((name) => !excluded.includes(name));
  if (excluded.length === 0) return { ...view, ignored };
  const members = view.members.filter(({ name }) => !excluded.includes(name));
  const verdict = { ...view.verdict, status: judge(probe, snapshot, members) };
  return { ...view, verdict, members, excluded, ignored };
}

/** One check of a probe by itself, whether it is critical or not; undefined where the probe has no such check. */
export function viewOfCheck(snapshot: HealthSnapshot, probe: AnyProbe, name: string): View | undefined {
  const check = snapshot.entries.find((entry) => entry.name === name && entry.probes.includes(probe));
  if (check === undefined) return undefined;
  return {
    probe,
    verdict: { status: readAlone(check, probe), since: check.since },
    members: [check],
    ...whole,
    alone: true,
  };
}

const whole: Pick<View, "alone" | "excluded" | "ignored"> = { alone: false, excluded: [], ignored: [] };

function readAlone({ status, votes }: CheckSnapshot, probe: AnyProbe): VerdictStatus {
  if (status !== "unknown") return status;
  // A restart does not make a result newer.
  return probe === "liveness" ? (votes[probe] ?? "healthy") : "unhealthy";
}

function verdictOf(snapshot: HealthSnapshot, probe: AnyProbe): Verdict {
  const verdict = snapshot.probes[probe];
  if (verdict === undefined) throw new TypeError(`there is no probe ${probe}`);
  return verdict;
}

/** The entries that a probe's report lists. */
function membersOf(snapshot: HealthSnapshot, probe: AnyProbe): readonly CheckSnapshot[] {
  return snapshot.entries.filter(({ probes }) => probes.includes(probe));
}
