import type { Clock, Timer } from "@otel-health/core";
import { answerParent, cpuUs } from "./answer-parent.ts";
import { importPublished } from "./published.ts";

/** What the server is made of. */
export interface HealthServerOptions {
  readonly folder: string;
  readonly checks: number;
  /** Default the library's own. */
  readonly intervalMs?: number;
}

/** Questions that the server answers. */
export type HealthServerAnswers = {
  /** Starts, and resolves with the port once every check has had its first run and readiness is healthy. */
  readonly start: () => Promise<number>;
  readonly cpuUs: () => number;
  /** How often the check functions were called so far. */
  readonly runs: () => number;
  /** From now on no timer fires: the schedule runs nothing. */
  readonly hold: () => void;
  /** Lets so many milliseconds pass at once. */
  readonly skip: (ms: number) => void;
  /** Fires what was held, and lets timers fire again. */
  readonly release: () => void;
};

const { folder, checks: count, intervalMs }: HealthServerOptions = JSON.parse(process.argv[2] as string);
const { createHealth, listenHealth, systemClock } = (await importPublished(
  folder,
  "@otel-health/http",
)) as typeof import("@otel-health/http");

let runs = 0;
let skippedMs = 0;
let held: Set<HeldTimer> | undefined;

interface HeldTimer {
  readonly callback: () => void;
  readonly timer: Timer;
}

const clock: Clock = {
  ...systemClock,
  now: () => systemClock.now() + skippedMs,
  wallTime: () => systemClock.wallTime() + skippedMs,
  setTimer(callback, delayMs, keepAlive) {
    const fire = () => (held === undefined ? callback() : void held.add(own));
    const own: HeldTimer = { callback, timer: systemClock.setTimer(fire, delayMs, keepAlive) };
    return own;
  },
  clearTimer(own) {
    held?.delete(own as HeldTimer);
    systemClock.clearTimer((own as HeldTimer).timer);
  },
};

// Spread over an interval, as the jitter would have spread them by and by: no second has more runs than another.
const spreadMs = (intervalMs ?? 10_000) / count;
const checks = Object.fromEntries(
  Array.from({ length: count }, (_, i) => [
    `check-${i}`,
    {
      run: () => void runs++,
      initialDelayMs: i * spreadMs,
      ...(intervalMs !== undefined && { intervalMs }),
    },
  ]),
);
const health = createHealth({ checks, maxCheckNames: count, clock });

async function start(): Promise<number> {
  const ready = new Promise<void>((resolve) => {
    health.on("transition", (transition) => {
      if (transition.type === "probe" && transition.probe === "readiness" && transition.state === "healthy") resolve();
    });
  });
  await health.start();
  await ready;
  const { port } = await listenHealth(health, { port: 0, host: "127.0.0.1" });
  return port;
}

answerParent({
  start,
  cpuUs,
  runs: () => runs,
  hold() {
    held = new Set();
  },
  skip(ms) {
    skippedMs += ms;
  },
  release() {
    const due = held ?? [];
    held = undefined;
    for (const { callback } of due) callback();
  },
} satisfies HealthServerAnswers);
