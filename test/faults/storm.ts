import { parseArgs } from "node:util";
import { type CheckSnapshot, createHealth } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { type FaultMode, startFaultProxy } from "@otel-health/testkit";
import { boundsOf } from "./cell-result.ts";
import { schedule } from "./schedule.ts";
import { allSubjects } from "./subjects.ts";

// `node storm.ts [--minutes 20] [--seed 7] [subject …]`: faults at random, of several dependencies at once, out of a seed. A
// state that is not the truth longer than the schedule promises is an error. Prints every change as it comes.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "20" },
    seed: { type: "string", default: "7" },
    // An outage lasts from once to twice as long, and what is between two of them four to six times.
    "outage-seconds": { type: "string", default: "20" },
  },
});
const names =
  positionals.length > 0
    ? positionals
    : ["postgres: pg", "redis: ioredis", "mysql: mysql2", "http: fetch", "nats: nats"];
const modes: readonly FaultMode[] = ["refuse", "hang", "slow", "reset", "half-open"];
/** What a sample and a busy machine may add to a bound, milliseconds. */
const slackMs = 500;

const { random } = seeded(Number(values.seed));
const endsAt = performance.now() + Number(values.minutes) * 60_000;
const outageMs = Number(values["outage-seconds"]) * 1_000;
await using owned = new AsyncDisposableStack();
const players = await Promise.all(names.map(enter));
const health = createHealth({
  checks: Object.fromEntries(players.map(({ key, dependency }) => [key, dependency.check(schedule)])),
});
await health.start();
let wrong = 0;
const held = new Set<string>();
let changes = 0;
const started = performance.now();
// However long the last of them took to enter.
for (const player of players) player.changedAt = started;

while (performance.now() < endsAt) {
  for (const player of players) {
    const now = performance.now();
    if (now >= player.changesAt) await change(player, now);
    const { status, heldUntil, message } = snapshotOf(player.key);
    if (heldUntil !== null) held.add(player.key);
    // A check that changes six times in ten minutes is held on purpose, and says that it answers well.
    const seen = status === "healthy" || heldUntil !== null;
    const truth = player.mode === "pass";
    const boundMs = truth ? player.bounds.recovery : player.bounds.detection;
    if (seen === truth || performance.now() - player.changedAt <= boundMs + slackMs || player.reported) continue;
    wrong++;
    player.reported = true;
    const afterMs = Math.round(performance.now() - player.changedAt);
    say(player.key, `WRONG: ${status} ${afterMs} ms after ${player.mode}: ${message}`);
  }
  await new Promise((resolve) => setTimeout(resolve, 25));
}
await health.stop();
if (held.size > 0) console.log(`held while they flapped, and said that they answer well: ${[...held].join(", ")}`);
console.log(`${names.length} dependencies, ${changes} changes, seed ${values.seed}: ${wrong} states were wrong`);
if (wrong > 0) process.exitCode = 1;

async function enter(name: string) {
  const subject = (await allSubjects()).find((each) => each.name === name);
  if (subject === undefined) throw new Error(`there is no subject ${name}`);
  const server = owned.use(await subject.start());
  const proxy = owned.use(
    await startFaultProxy({ target: { host: "127.0.0.1", port: server.port }, slowMs: schedule.timeoutMs * 1.5 }),
  );
  const dependency = owned.use(await subject.connect({ host: "127.0.0.1", port: proxy.port }, server));
  const mode: FaultMode = "pass";
  const now = performance.now();
  return {
    key: name.split(":")[0] ?? name,
    proxy,
    dependency,
    bounds: boundsOf(subject.cells.refused as { readonly clientMs?: number }),
    mode: mode as FaultMode,
    changedAt: now,
    changesAt: now + outageMs * (0.5 + random()),
    reported: false,
  };
}

type Player = Awaited<ReturnType<typeof enter>>;

async function change(player: Player, now: number): Promise<void> {
  const well = player.mode !== "pass";
  player.mode = well ? "pass" : (modes[Math.floor(random() * modes.length)] ?? "refuse");
  await player.proxy.setMode(player.mode);
  player.changedAt = performance.now();
  player.changesAt = now + outageMs * (well ? 4 + 2 * random() : 1 + random());
  player.reported = false;
  changes++;
  say(player.key, player.mode);
}

function snapshotOf(key: string): CheckSnapshot {
  const check = health.snapshot().checks[key];
  if (check === undefined) throw new Error(`there is no check ${key}`);
  return check;
}

function say(key: string, what: string): void {
  console.log(`${((performance.now() - started) / 1_000).toFixed(1)} s ${key}: ${what}`);
}

/** The random source of the fake clock: easy to repeat. */
function seeded(seed: number): { readonly random: () => number } {
  const clock = new FakeClock(0, seed);
  return { random: () => clock.random() };
}
