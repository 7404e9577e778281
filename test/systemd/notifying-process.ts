import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { createHealth, systemClock } from "@otel-health/core";
import { notifySystemd } from "@otel-health/watchdog";

/** A service of systemd's; files in its folder say what is to become of it. */
const [, , folder = "", pings = "main"] = process.argv;
const isThere = (name: string) => existsSync(join(folder, name));

const often = { intervalMs: 100, failureThreshold: 1, gracePeriodMs: 0 };
const health = createHealth({
  startup: {
    migrate() {
      if (!isThere("migrated")) throw new Error("not migrated");
    },
  },
  checks: {
    postgres: {
      ...often,
      run() {
        if (isThere("down")) throw new Error("down");
      },
    },
  },
});

notifySystemd(health, { watchdog: pings === "main" });
if (pings === "worker") {
  const program = `
    import { createNotifier } from ${JSON.stringify(new URL("../../packages/watchdog/src/host/systemd-notifier.ts", import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(import.meta.resolve("@otel-health/core/worker"))};
    const notifier = createNotifier({ env: process.env, clock: systemClock, complain: console.error });
    const ping = () => notifier.send("WATCHDOG=1");
    ping();
    setInterval(ping, notifier.watchdogIntervalMs);
  `;
  new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
}

setInterval(() => {
  if (isThere("broken")) health.fatal("broken");
  if (isThere("drain")) void health.drain({ delayMs: 60_000 });
  if (isThere("blocked")) while (systemClock.now() > 0 && isThere("blocked"));
}, 50);
process.on("SIGTERM", () => process.exit(0));
await health.start();
