import type { Cluster, Worker } from "node:cluster";
import { diag } from "@opentelemetry/api";
import { type AnyProbe, type Clock, demand, demandMs, type PushHandle, systemClock } from "@otel-health/core";
import { howEnded } from "./how-ended.ts";
import { listenedTime } from "./listened-time.ts";
import { nodeCluster } from "./node-cluster.ts";
import { readWorkerMessage } from "./worker-message.ts";
import { type Demands, judgeWorkers, type WorkerState } from "./workers.ts";

/** Options of {@link watchWorkers}. */
export interface WatchWorkersOptions {
  /** Workers that there should be. */
  readonly count: number;
  /** Workers that suffice, so that fewer fail the check; what is missing beyond them degrades it. Default all. */
  readonly atLeast?: number;
  /** The probe or group of the workers that is looked at; default readiness. */
  readonly probe?: AnyProbe;
  /** A worker that has not been heard of for so many milliseconds is not ready; default 5 000. */
  readonly staleAfterMs?: number;
  /** Default `node:cluster`. */
  readonly cluster?: Pick<Cluster, "on" | "off" | "workers">;
  /** Default the process's own. */
  readonly clock?: Clock;
}

/**
 * Keeps a push check of the primary's own health object at what its workers say of themselves with `reportToPrimary`. A
 * worker that exits, disconnects, falls silent or is not ready is seen; one that drained first and then exited with 0 is
 * missed only while there are fewer than `count`. What the primary itself was blocked for is no silence. Returns a
 * function that ends the watch.
 */
export function watchWorkers(
  check: Pick<PushHandle, "pass" | "warn" | "fail">,
  options: WatchWorkersOptions,
): () => void {
  const demands = readDemands(check, options);
  const { cluster = nodeCluster(), clock = systemClock } = options;
  const everyMs = Math.ceil(demands.staleAfterMs / 5);
  const time = listenedTime(clock, everyMs);
  const since = time.now();
  const workers = new Map<number, WorkerState>();
  let told = "";
  let complained = false;

  const judge = () => {
    const { outcome, message } = judgeWorkers([...workers.values()], demands, since, time.now());
    if (outcome === "open" || told === `${outcome} ${message}`) return;
    told = `${outcome} ${message}`;
    if (outcome === "pass") check.pass();
    else check[outcome](message);
  };
  const heard = ({ id, process: { pid } }: Worker, message?: WorkerState["told"], ended?: string) => {
    const told = message ?? workers.get(id)?.told;
    workers.set(id, { id, pid, told, heardAt: time.now(), heardWallTime: clock.wallTime(), ended });
  };
  const lost = (worker: Worker, ended: string) => {
    heard(worker, undefined, ended);
    forgetReplaced(workers, demands.count);
    judge();
  };
  const isThere = ({ id }: Worker) => workers.has(id) && workers.get(id)?.ended === undefined;
  const onFork = (worker: Worker) => {
    heard(worker);
    judge();
  };
  const onMessage = (worker: Worker, message: unknown) => {
    const read = readWorkerMessage(message);
    if (read === "foreign") return;
    if (read === "unreadable") {
      if (!complained) diag.warn(`otel-health: worker ${worker.id} sends reports that this version cannot read`);
      complained = true;
      return;
    }
    // What is read of a worker after its end is no sign of life.
    if (!isThere(worker)) return;
    // Whoever has come in for those that died has taken their place.
    heard(worker, read);
    forgetReplaced(workers, demands.count);
    judge();
  };
  const onDisconnect = (worker: Worker) => {
    if (isThere(worker)) lost(worker, "has disconnected");
  };
  const onExit = (worker: Worker, code: number | null, signal: string | null) => {
    const lifecycle = workers.get(worker.id)?.told?.lifecycle;
    const isMeant = code === 0 && (lifecycle === "draining" || lifecycle === "stopped");
    if (!isMeant) return lost(worker, howEnded(code, signal));
    workers.delete(worker.id);
    judge();
  };
  for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) heard(worker);
  cluster.on("fork", onFork).on("message", onMessage).on("disconnect", onDisconnect).on("exit", onExit);
  const tick = () => {
    time.tick();
    judge();
    timer = clock.setTimer(tick, everyMs, false);
  };
  let timer = clock.setTimer(tick, everyMs, false);
  judge();
  return () => {
    cluster.off("fork", onFork).off("message", onMessage).off("disconnect", onDisconnect).off("exit", onExit);
    clock.clearTimer(timer);
  };
}

/** Those that died are named until as many as there should be have been heard. */
function forgetReplaced(workers: Map<number, WorkerState>, count: number): void {
  const living = [...workers.values()].filter(({ ended, told }) => ended === undefined && told !== undefined);
  if (living.length < count) return;
  for (const { id, ended } of workers.values()) if (ended !== undefined) workers.delete(id);
}

function readDemands(check: unknown, options: WatchWorkersOptions): Demands {
  const of = "of watchWorkers()";
  const push = check as Partial<PushHandle> | undefined;
  demand(typeof push?.warn === "function", `check ${of}`, "the handle of a push() check", check);
  demand(typeof options === "object" && options !== null, `the options ${of}`, "an object", options);
  const { count, atLeast = count, probe = "readiness", staleAfterMs = 5_000, cluster, clock, ...rest } = options;
  const isCount = (value: unknown, most: number) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
  demand(isCount(count, 10_000), `count ${of}`, "a whole number from 1 up: the workers that there should be", count);
  demand(isCount(atLeast, count), `atLeast ${of}`, `a whole number from 1 to count (${count})`, atLeast);
  demand(typeof probe === "string" && probe !== "", `probe ${of}`, "the name of a probe or group", probe);
  demandMs(`staleAfterMs ${of}`, staleAfterMs, 5);
  demand(cluster === undefined || typeof cluster?.on === "function", `cluster ${of}`, "node:cluster", cluster);
  demand(clock === undefined || typeof clock?.setTimer === "function", `clock ${of}`, "a Clock", clock);
  const names = "one of count, atLeast, probe, staleAfterMs, cluster and clock";
  for (const key of Object.keys(rest)) demand(false, `an option ${of}`, names, key);
  return { count, atLeast, probe, staleAfterMs };
}
