import type { Fault } from "./fault.ts";
import { degradationBoundMs, detectionBoundMs, recoveryBoundMs } from "./schedule.ts";
import type { Cell, Dependency, Server } from "./subject.ts";

/** What was seen when a fault came, or when it went. */
export interface Seen {
  readonly afterMs: number;
  /** What the schedule promises, and what the client itself needs. */
  readonly boundMs: number;
}

/** What was detected. */
export interface Detected extends Seen {
  readonly state: string;
  readonly errorType: string | undefined;
  readonly fault: string | undefined;
  readonly hint: string | undefined;
  readonly message: string | undefined;
}

/** A count before the fault and when all was over. */
interface Counted {
  readonly before: number;
  readonly after: number;
}

/** Everything that was seen of one cell. */
export interface CellResult {
  readonly detected: Detected | undefined;
  /** Null where only another client could recover. */
  readonly recovered: Seen | null | undefined;
  /** On the server: while healthy before the fault, and once healthy after it. */
  readonly connections: Counted;
  /** On the client's emitters. */
  readonly listeners: Counted;
  /** Sockets, timers and servers of the process: without the client, before and after. */
  readonly handles: Counted;
  readonly leftOnServer: number;
  readonly unhandled: readonly string[];
}

/** A line of the record: what was seen, why it could not be tried, or how the trial itself broke. */
export type Line = { readonly subject: string; readonly fault: Fault } & (
  | CellResult
  | { readonly skipped: string }
  | { readonly failed: string }
);

/** What is wrong with a cell, in words; empty where nothing is. Without `bounds` it says nothing of durations. */
export function problemsOf(
  cell: Pick<Cell<Server, Dependency>, "state" | "errorTypes" | "fault" | "driverLeaves">,
  result: CellResult,
  { bounds }: { readonly bounds: boolean },
): readonly string[] {
  const { detected, recovered, connections, listeners, handles, leftOnServer, unhandled } = result;
  const problems: string[] = [];
  const expected = cell.state ?? "unhealthy";
  if (detected === undefined) problems.push(`never ${expected}`);
  else {
    if (detected.state !== expected) problems.push(`${detected.state}, not ${expected}`);
    const type = detected.errorType ?? "none";
    if (cell.errorTypes !== undefined && !cell.errorTypes.includes(type))
      problems.push(`error.type ${type}, not ${cell.errorTypes.join(" or ")}: ${detected.message}`);
    const fault = expected === "unhealthy" ? (cell.fault ?? "transient") : undefined;
    if (detected.fault !== fault) problems.push(`fault ${detected.fault}, not ${fault}`);
    if (detected.hint === undefined) problems.push("no hint");
    if (bounds && detected.afterMs > detected.boundMs) problems.push(`detected after ${detected.afterMs} ms`);
    if (recovered === undefined) problems.push("never recovered");
  }
  if (bounds && recovered && recovered.afterMs > recovered.boundMs)
    problems.push(`recovered after ${recovered.afterMs} ms`);
  problems.push(...unhandled.map((error) => `unhandled: ${error}`));
  if (cell.driverLeaves !== undefined) return problems;
  if (connections.after > connections.before)
    problems.push(`${connections.after} connections, ${connections.before} before`);
  if (listeners.after !== listeners.before) problems.push(`${listeners.after} listeners, ${listeners.before} before`);
  if (handles.after > handles.before) problems.push(`${handles.after} handles, ${handles.before} before`);
  if (leftOnServer > 0) problems.push(`${leftOnServer} connections left on the server`);
  return problems;
}

/** What the schedule promises of a cell, with what its client takes itself; milliseconds. */
export function boundsOf({ state, clientMs = 0 }: Pick<Cell<Server, Dependency>, "state" | "clientMs">): {
  readonly detection: number;
  readonly recovery: number;
} {
  const detection = state === "degraded" ? degradationBoundMs : detectionBoundMs;
  return { detection, recovery: recoveryBoundMs + clientMs };
}
