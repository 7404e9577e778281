// A service whose main thread is never idle: each turn of its loop works for some milliseconds. For a line on its stdin it
// prints when its loop was silent for long, in milliseconds that all processes of the machine share.
import { createHealth } from "@otel-health/core";
import { startWatchdog } from "@otel-health/watchdog";

/** From one turn to the next. */
export interface Silence {
  readonly from: number;
  readonly to: number;
}

const longMs = 500;
const now = () => Number(process.hrtime.bigint()) / 1e6;
const silences: Silence[] = [];
let turns = 0;
let before = now();

// Timers, as the heartbeat is: what is late for one is late for the other.
setInterval(() => {
  const turned = now();
  if (turned - before >= longMs) silences.push({ from: before, to: turned });
  before = turned;
  turns++;
}, 10);

function work(): void {
  const end = now() + 1 + Math.random() * 20;
  while (now() < end);
  setImmediate(work);
}

process.stdin.once("data", () => {
  console.log(JSON.stringify({ silences, turns }));
  process.exit();
});
const health = createHealth({ checks: { outbox: () => {} } });
const { port } = await startWatchdog(health, { host: "127.0.0.1" });
await health.start();
work();
console.log(`listening on ${port}`);
