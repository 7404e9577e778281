import type { AnyProbe } from "@otel-health/core";
import type { WorkerMessage } from "./worker-message.ts";

/** One worker as its primary knows it. */
export interface WorkerState {
  readonly id: number;
  readonly pid: number | undefined;
  /** Its newest message; undefined before the first. */
  readonly told: WorkerMessage | undefined;
  /** Listened time, milliseconds: when it was heard of, or else was forked. */
  readonly heardAt: number;
  /** Wall time of the same; it is rendered and decides nothing. */
  readonly heardWallTime: number;
  /** How it ended, against its will, or that it has disconnected; undefined while it can be heard. */
  readonly ended: string | undefined;
}

/** What is asked of the workers together. */
export interface Demands {
  readonly probe: AnyProbe;
  /** Workers that there should be. */
  readonly count: number;
  /** Workers of them that suffice. */
  readonly atLeast: number;
  readonly staleAfterMs: number;
}

/** What a primary says of its workers. `open`: they have only been begun, so it is too early to say. */
export interface WorkersVerdict {
  readonly outcome: "pass" | "warn" | "fail" | "open";
  readonly message: string;
}

/** More names than these would make a sentence nobody reads. */
const mostNamed = 3;

/** The verdict over all workers. Pure. `since`, `now`: listened time; they are watched since then. */
export function judgeWorkers(
  workers: readonly WorkerState[],
  { probe, count, atLeast, staleAfterMs }: Demands,
  since: number,
  now: number,
): WorkersVerdict {
  const troubles: string[] = [];
  let ready = 0;
  let degraded = 0;
  let begun = 0;
  for (const worker of workers) {
    const { told, heardAt, heardWallTime, ended } = worker;
    const name = `worker ${worker.id}${worker.pid === undefined ? "" : ` (pid ${worker.pid})`}`;
    const verdict = told !== undefined && Object.hasOwn(told.verdicts, probe) ? told.verdicts[probe] : undefined;
    if (ended !== undefined) troubles.push(`${name} ${ended}`);
    else if (now - heardAt >= staleAfterMs) {
      troubles.push(`${name} was not heard of since ${new Date(heardWallTime).toISOString()}`);
    } else if (told === undefined || (verdict === "unhealthy" && told.lifecycle === "starting")) {
      begun++;
      troubles.push(`${name} is starting`);
    } else if (verdict === undefined) troubles.push(`${name} has no probe ${probe}`);
    else if (verdict === "unhealthy")
      troubles.push(`${name} is ${told.lifecycle === "ready" ? verdict : told.lifecycle}`);
    else {
      ready++;
      if (verdict === "degraded") {
        degraded++;
        troubles.push(`${name} is degraded`);
      }
    }
  }
  const named = troubles.slice(0, mostNamed).join(", ");
  const more = troubles.length > mostNamed ? ` and ${troubles.length - mostNamed} more` : "";
  const message = `${ready} of ${count} workers are ready${named === "" ? "" : `: ${named}${more}`}`;
  if (ready >= atLeast) return { outcome: ready >= count && degraded === 0 ? "pass" : "warn", message };
  const isEarly = now - since < staleAfterMs && begun === troubles.length;
  return { outcome: isEarly ? "open" : "fail", message };
}
