import { randomFill } from "node:crypto";
import { lookup } from "node:dns";
import { type FunctionCheck, HealthError, type ScheduleOptions } from "@otel-health/core";
import { judge, readBounds } from "./bounds.ts";
import { PoolLane } from "./pool-lane.ts";
import { duration } from "./quantities.ts";
import { queueDelay } from "./queue-delay.ts";
import { demandOptions, resourceCheck } from "./resource-check.ts";

/** Options of {@link threadPool}. */
export interface ThreadPoolOptions extends ScheduleOptions {
  /** Milliseconds that a job may wait before the check is degraded; default 100. */
  readonly warnAboveMs?: number;
  /** Milliseconds before it fails, less than `timeoutMs`; default 1 000. `Infinity`: at `timeoutMs`. */
  readonly failAboveMs?: number;
}

const hint =
  "fs, dns.lookup, zlib and crypto such as pbkdf2 share libuv's pool of UV_THREADPOOL_SIZE threads (4 unless set), lookups half of them: make that larger, do less of those at once, or see whether a disk or name server hangs";

const defaultTimeoutMs = 2_000;

/**
 * How long a job waits for a thread of libuv's pool, less the delay of the event loop itself: by a trivial job of the kind
 * that may take any thread, and by one of the kind of `dns.lookup`, which libuv keeps to half of them. Not critical: load
 * fills the pools of all instances at once.
 */
export function threadPool(options: ThreadPoolOptions = {}): FunctionCheck {
  const where = "threadPool()";
  const { warnAboveMs = 100, failAboveMs = 1_000, timeoutMs = defaultTimeoutMs } = demandOptions(where, options);
  const bounds = readBounds(where, "Ms", { warnAbove: warnAboveMs, failAbove: failAboveMs, show: duration });
  if (failAboveMs !== Number.POSITIVE_INFINITY && failAboveMs >= timeoutMs) {
    throw new HealthError(
      "contradictory_options",
      `${where}: failAboveMs (${failAboveMs}) is not below timeoutMs (${timeoutMs}), at which a run is cut off; raise timeoutMs or lower failAboveMs`,
    );
  }
  // Late, but by itself: the schedule would only say that there was no answer.
  const withinMs = (failAboveMs + timeoutMs) / 2;
  // Of one byte: the smallest job that really goes through the pool.
  const anything = new PoolLane((done) => randomFill(Buffer.alloc(1), done));
  // Node takes this for a name, and the resolver for an address, which it answers without asking anyone.
  const lookups = new PoolLane((done) => lookup("127.1", { family: 4 }, done));
  return resourceCheck(
    where,
    options,
    { warnAboveMs: true, failAboveMs: true },
    {
      critical: false,
      hint,
      async run({ clock, signal }) {
        const [job = 0, name = 0] = await Promise.all(
          [anything, lookups].map((lane) =>
            queueDelay(lane.job(clock), clock, { limitMs: failAboveMs, withinMs, signal }),
          ),
        );
        const text = `a job waited ${duration(job)} for the thread pool, a dns.lookup ${duration(name)}`;
        return judge(Math.max(job, name), bounds, text);
      },
    },
  );
}
