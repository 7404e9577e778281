import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "@otel-health/core";
import { startFaultProxy } from "@otel-health/testkit";
import { type Resources, resourcesOf } from "./resources.ts";
import { allSubjects } from "./subjects.ts";

// `node --expose-gc endurance-process.ts "<subject>" <runs>` runs a check so often against its live server, one run after the
// other, and prints what it held after a tenth of them and at the end, as a line of JSON.

/** What a check that has run so often holds. */
export interface Endured {
  readonly subject: string;
  readonly runs: number;
  readonly seconds: number;
  /** Runs that did not pass. */
  readonly failed: number;
  readonly firstFailure: unknown;
  readonly early: Resources;
  readonly late: Resources;
}

const [name = "", runs = "1000"] = process.argv.slice(2);
const subject = (await allSubjects()).find((each) => each.name === name);
if (subject === undefined) throw new Error(`there is no subject ${name}`);
await using server = await subject.start();
await using proxy = await startFaultProxy({ target: { host: "127.0.0.1", port: server.port } });
await using dependency = await subject.connect({ host: "127.0.0.1", port: proxy.port }, server);
const check = dependency.check({});
const total = Number(runs);
const startedAt = systemClock.now();
let failed = 0;
let firstFailure: unknown;

async function run(count: number): Promise<Resources> {
  for (let i = 0; i < count; i++) {
    const controller = new AbortController();
    const outcome = await check.run({ signal: controller.signal, clock: systemClock, timeoutMs: 2_000 });
    if (outcome === undefined || outcome.status === "pass") continue;
    failed++;
    firstFailure ??= outcome;
  }
  return resourcesOf(dependency, proxy);
}

const early = await run(Math.ceil(total / 10));
let late = await run(total - Math.ceil(total / 10));
// A heartbeat of the driver may be under way.
for (let tries = 0; tries < 20 && late.handles > early.handles; tries++) {
  await delay(50);
  late = await resourcesOf(dependency, proxy);
}
const seconds = Math.round((systemClock.now() - startedAt) / 100) / 10;
const endured: Endured = { subject: name, runs: total, seconds, failed, firstFailure, early, late };
process.stdout.write(`${JSON.stringify(endured)}\n`);
