import { pbkdf2 } from "node:crypto";
import { lookup } from "node:dns";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { createHealth, type FunctionCheck, type ScheduleOptions, systemClock } from "@otel-health/core";
import {
  gcTime,
  handleGrowth,
  heapUsed,
  loopDelay,
  loopUtilization,
  memoryUsed,
  openFiles,
  threadPool,
} from "@otel-health/watchdog";

/** A process that uses a resource up, step by step, as it is told on stdin, and says what its check makes of that. */
const [, , resource = ""] = process.argv;

const often: ScheduleOptions = { intervalMs: 50, jitter: 0, failureThreshold: 1, gracePeriodMs: 0 };
const checks: { readonly [name: string]: () => FunctionCheck } = {
  heap: () => heapUsed(often),
  memory: () => memoryUsed(often),
  gc: () => gcTime({ ...often, windowMs: 1_000 }),
  loop_delay: () => loopDelay({ ...often, intervalMs: 500 }),
  loop_utilization: () => loopUtilization({ ...often, intervalMs: 500 }),
  thread_pool: () => threadPool(often),
  handles: () => handleGrowth({ ...often, intervalMs: 20, windowMs: 1_600, warnAbovePerMinute: 60 }),
  open_files: () => openFiles(often),
};

const make = checks[resource];
if (make === undefined) throw new Error(`there is no resource ${resource}`);
const health = createHealth({ checks: { resource: make() } });
await health.start();

let last = "";
const say = () => {
  const { status, message, hint } = health.snapshot().checks.resource;
  if (status === last) return;
  last = status;
  process.stdout.write(`${JSON.stringify({ status, message, hint })}\n`);
};
health.on("change", say);
await health.refresh();
say();

const held: unknown[] = [];
const leaking: NodeJS.Timeout[] = [];
let everyTurn: NodeJS.Timeout | undefined;

const orders: { readonly [order: string]: (amount: number) => void } = {
  /** Fills the heap, a MiB at a time; what is garbage in it goes when V8 sees fit, and must not be counted in. */
  fill(megabytes) {
    for (let count = 0; count < megabytes; count += 1) held.push(new Array(131_072).fill(0.5));
    globalThis.gc?.();
  },
  /** Memory outside of the heap, written so that it is really there. */
  buffers(megabytes) {
    held.push(Buffer.alloc(megabytes * 2 ** 20, 1));
  },
  open(count) {
    for (let opened = 0; opened < count; opened += 1) {
      try {
        held.push(openSync("/dev/null", "r"));
      } catch (error) {
        process.stdout.write(`${(error as NodeJS.ErrnoException).code}\n`);
        return;
      }
    }
  },
  hash(jobs) {
    for (let job = 0; job < jobs; job += 1)
      pbkdf2("secret", "salt", 1_000_000, 64, "sha512", () => process.stdout.write("hashed\n"));
  },
  lookups(count) {
    for (let asked = 0; asked < count; asked += 1)
      lookup(`name${asked}.example`, {}, () => process.stdout.write("looked\n"));
  },
  /** Blocks the loop for so long, again and again. */
  block(ms) {
    everyTurn = setInterval(() => {
      const end = systemClock.now() + ms;
      while (systemClock.now() < end);
    }, 1);
  },
  /** Collects garbage again and again, in a heap of so many small objects. */
  collect(objects) {
    held.push(Array.from({ length: objects }, (_, index) => ({ some: [index] })));
    everyTurn = setInterval(() => globalThis.gc?.(), 1);
  },
  /** One more timer every so many milliseconds. */
  leak(everyMs) {
    everyTurn = setInterval(() => leaking.push(setTimeout(() => {}, 1e8)), everyMs);
  },
  release() {
    clearInterval(everyTurn);
    for (const one of leaking.splice(0)) clearTimeout(one);
    for (const one of held.splice(0)) if (typeof one === "number") closeSync(one);
  },
  /** Nothing of ours must keep the process alive: it ends by itself. */
  leave() {
    lines.close();
    process.stdin.unref();
  },
};

const lines = createInterface(process.stdin).on("line", async (line) => {
  const [order = "", amount] = line.split(" ");
  orders[order]?.(Number(amount));
  await health.refresh();
  process.stdout.write(`looked after ${order}\n`);
});
