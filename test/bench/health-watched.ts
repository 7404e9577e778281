import { answerParent } from "./answer-parent.ts";
import { importPublished } from "./published.ts";
import { type WatchedAnswers, watchedAnswers } from "./watched.ts";

/** What the service is made of. */
export interface WatchedOptions {
  readonly folder: string;
  readonly checks: number;
}

const { folder, checks: count }: WatchedOptions = JSON.parse(process.argv[2] as string);
const { createHealth } = (await importPublished(folder, "@otel-health/core")) as typeof import("@otel-health/core");
const { startWatchdog } = (await importPublished(
  folder,
  "@otel-health/watchdog",
)) as typeof import("@otel-health/watchdog");

// Spread over an interval, as the jitter would have spread them by and by: no second has more runs than another.
const spreadMs = 10_000 / count;
const checks = Object.fromEntries(
  Array.from({ length: count }, (_, i) => [`check-${i}`, { run: () => {}, initialDelayMs: i * spreadMs }]),
);
const health = createHealth({ checks });
await health.start();

answerParent({
  ...watchedAnswers,
  startThread: async () => (await startWatchdog(health, { host: "127.0.0.1" })).port,
} satisfies WatchedAnswers);
