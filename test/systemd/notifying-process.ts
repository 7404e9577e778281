import { existsSync } from "node:fs";
import { join } from "node:path";
import { createHealth, systemClock } from "@otel-health/core";
import { notifySystemd, startWatchdog } from "@otel-health/watchdog";

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

if (pings === "main") notifySystemd(health);
else await startWatchdog(health, { host: "127.0.0.1" });

setInterval(() => {
  if (isThere("broken")) health.fatal("broken");
  if (isThere("drain")) void health.drain({ delayMs: 60_000 });
  if (isThere("blocked")) while (systemClock.now() > 0 && isThere("blocked"));
}, 50);
process.on("SIGTERM", () => process.exit(0));
await health.start();
