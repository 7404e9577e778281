import { isoSeconds } from "../report/iso.ts";
import type { RunningTask } from "./running-task.ts";

/**
 * What is said of tasks that are late, `stuck` of them too late, of `running` altogether:
 * "2 of 5 have run past their deadline of 60 s, 1 of them for more than 120 s, the oldest running since 2026-11-22T13:00:00Z".
 */
export function lateMessage(late: ReadonlySet<RunningTask>, stuck: number, running: number): string {
  let oldest: RunningTask | undefined;
  const deadlines = new Set<number>();
  const ends = new Set<number>();
  for (const task of late) {
    if (oldest === undefined || task.start.at < oldest.start.at) oldest = task;
    deadlines.add(task.limits.deadlineMs);
    if (task.isStuck) ends.add(task.limits.unhealthyAfterMs);
  }
  if (oldest === undefined) throw new TypeError("there is no late task to speak of");
  const one = late.size === 1;
  const [deadline] = deadlines;
  const [end] = ends;
  const past = deadlines.size === 1 ? `deadline of ${duration(deadline as number)}` : "deadlines";
  const most = ends.size === 1 ? `for more than ${duration(end as number)}` : "for far too long";
  const which = stuck === 0 ? "" : one ? `, ${most}` : `, ${stuck} of them ${most}`;
  const since = isoSeconds(oldest.start.wallAt);
  return `${late.size} of ${running} ${one ? "has run past its" : "have run past their"} ${past}${which}, ${one ? "" : "the oldest "}running since ${since}`;
}

function duration(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
}
