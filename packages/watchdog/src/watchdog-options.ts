import { type Clock, demand, demandMs, type EndpointOptions, HealthError, systemClock } from "@otel-health/core";
import { findTerminationLog } from "./last-words/termination-log.ts";
import { complain } from "./main/complain.ts";

/** Options of `startWatchdog()`. `paths`, `prefix`, `statusCodes` and `reasonHeader` are those of the endpoints. */
export interface WatchdogOptions extends Pick<EndpointOptions, "paths" | "prefix" | "statusCodes" | "reasonHeader"> {
  /** 0 to 65535; default 0, which takes a free one. In a cluster's worker it is the worker's own, shared with nobody. */
  readonly port?: number;
  /** Default every address of the machine, IPv4 and IPv6. */
  readonly host?: string;
  /** Milliseconds without a turn of the event loop from which on it is blocked; default 1 000, at least four heartbeats. */
  readonly blockedAfterMs?: number;
  /** Milliseconds without a turn from which on readiness fails; default 2 000, and no less than `blockedAfterMs`. */
  readonly unreadyAfterMs?: number;
  /**
   * Milliseconds without a turn from which on liveness fails; default 30 000, and no less than `unreadyAfterMs`. Time in
   * which the thread was ready to run and was given no CPU is none of them.
   */
  readonly deadAfterMs?: number;
  /** Milliseconds between two signs of life of the event loop; default 100. */
  readonly heartbeatMs?: number;
  /** Whether a block's stack is captured, which pauses the blocked thread for some milliseconds; default true. */
  readonly captureStack?: boolean;
  /**
   * Where the reason goes when liveness fails, a file that can be written or made; default `/dev/termination-log` where
   * there is one. False: nowhere.
   */
  readonly terminationLog?: string | false;
  /**
   * Whether systemd is told what becomes of the process, as by `notifySystemd()`, where it has started it with a
   * `NOTIFY_SOCKET`; default true, save in a process that another one of Node's has forked (a cluster's worker, one of
   * pm2's): what becomes of that is not what becomes of the unit. The thread that watches says that it lives, so a busy
   * loop is not taken for a dead one.
   */
  readonly systemd?: boolean;
  /** Default the process's own. The thread that watches has that in any case. */
  readonly clock?: Clock;
}

/** Options, validated and defaulted. */
export interface ResolvedWatchdog {
  readonly port: number;
  readonly host: string | undefined;
  readonly blockedAfterMs: number;
  readonly unreadyAfterMs: number;
  readonly deadAfterMs: number;
  readonly heartbeatMs: number;
  readonly captureStack: boolean;
  readonly terminationLog: string | undefined;
  readonly systemd: boolean;
  readonly clock: Clock;
  readonly endpoints: EndpointOptions;
}

// Complete because the compiler says so.
const known: { readonly [O in keyof Required<WatchdogOptions>]: true } = {
  port: true,
  host: true,
  paths: true,
  prefix: true,
  statusCodes: true,
  reasonHeader: true,
  blockedAfterMs: true,
  unreadyAfterMs: true,
  deadAfterMs: true,
  heartbeatMs: true,
  captureStack: true,
  terminationLog: true,
  systemd: true,
  clock: true,
};

/** A silence is counted in heartbeats, of which the first may be late by one and a look back by two. */
const fewestBeats = 4;

/** Reads the options; those of the endpoints are judged where these are made. Throws `HealthError`. */
export function readWatchdogOptions(options: WatchdogOptions): ResolvedWatchdog {
  const where = "startWatchdog()";
  const isRecord = typeof options === "object" && options !== null && !(Symbol.iterator in options);
  demand(isRecord, `options of ${where}`, "an object", options);
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(known, key)) continue;
    const listed = Object.keys(known).sort().join(", ");
    throw new HealthError("invalid_option", `${key} is not an option of ${where}; the options are: ${listed}`);
  }
  const { port = 0, host, captureStack = true, terminationLog, systemd = !isForked(), clock = systemClock } = options;
  const { blockedAfterMs = 1_000, unreadyAfterMs = 2_000, deadAfterMs = 30_000, heartbeatMs = 100 } = options;
  const of = `of ${where}`;
  demand(Number.isInteger(port) && port >= 0 && port <= 65_535, `port ${of}`, "a whole number from 0 to 65535", port);
  demand(host === undefined || isText(host), `host ${of}`, "a host name or address", host);
  demand(typeof captureStack === "boolean", `captureStack ${of}`, "true or false", captureStack);
  const isPath = terminationLog === undefined || terminationLog === false || isText(terminationLog);
  demand(isPath, `terminationLog ${of}`, "the path of a file, or false", terminationLog);
  demand(typeof systemd === "boolean", `systemd ${of}`, "true or false", systemd);
  demand(typeof clock?.setTimer === "function", `clock ${of}`, "a Clock", clock);
  demandMs(`heartbeatMs ${of}`, heartbeatMs, 10);
  demandMs(`blockedAfterMs ${of}`, blockedAfterMs, 1);
  demandMs(`unreadyAfterMs ${of}`, unreadyAfterMs, 1);
  demandMs(`deadAfterMs ${of}`, deadAfterMs, 1);
  demandOrder(where, "blockedAfterMs", blockedAfterMs, `${fewestBeats} heartbeats`, fewestBeats * heartbeatMs);
  demandOrder(where, "unreadyAfterMs", unreadyAfterMs, "blockedAfterMs", blockedAfterMs);
  demandOrder(where, "deadAfterMs", deadAfterMs, "unreadyAfterMs", unreadyAfterMs);
  const { paths, prefix, statusCodes, reasonHeader } = options;
  return {
    port,
    host,
    blockedAfterMs,
    unreadyAfterMs,
    deadAfterMs,
    heartbeatMs,
    captureStack,
    terminationLog: readTerminationLog(where, terminationLog),
    systemd,
    clock,
    endpoints: given({ paths, prefix, statusCodes, reasonHeader }),
  };
}

/** One that Kubernetes mounts and does not let be written is no fault of whoever starts the watchdog. */
function readTerminationLog(where: string, given: string | false | undefined): string | undefined {
  const { path, problem } = findTerminationLog(given);
  if (problem === undefined) return path;
  if (given === undefined) {
    complain(`the termination log ${path} cannot be written`, problem);
    return path;
  }
  const why = problem instanceof Error ? problem.message : String(problem);
  throw new HealthError("invalid_option", `terminationLog of ${where} must be a file that can be written: ${why}`, {
    cause: problem,
  });
}

/**
 * Whether another process of Node's speaks for the unit. `SYSTEMD_EXEC_PID` would not tell: where npm or a shell starts
 * the process it is theirs.
 */
function isForked(): boolean {
  return process.send !== undefined;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function demandOrder(where: string, key: string, ms: number, least: string, leastMs: number): void {
  if (ms >= leastMs) return;
  throw new HealthError(
    "contradictory_options",
    `${where}: ${key} (${ms}) is less than ${least} (${leastMs}); raise the first or lower the second`,
  );
}

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Without those that are undefined. */
function given({ paths, prefix, statusCodes, reasonHeader }: Optional<EndpointOptions>): EndpointOptions {
  return {
    ...(paths !== undefined && { paths }),
    ...(prefix !== undefined && { prefix }),
    ...(statusCodes !== undefined && { statusCodes }),
    ...(reasonHeader !== undefined && { reasonHeader }),
  };
}
