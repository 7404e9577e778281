import { type Clock, demand, type Health, HealthError, systemClock } from "@otel-health/core";
import { complain } from "../main/complain.ts";
import { createNotifier, type Environment } from "./systemd-notifier.ts";
import { SystemdReporter } from "./systemd-reporter.ts";

/** Options of {@link notifySystemd}. */
export interface NotifySystemdOptions {
  /** Whether to send `WATCHDOG=1` where the unit has a `WatchdogSec`; default true. */
  readonly watchdog?: boolean;
  /** Default `process.env`, read at the call. */
  readonly env?: Environment;
  /** Default the process's own. */
  readonly clock?: Clock;
}

const known = ["watchdog", "env", "clock"];

/**
 * Tells systemd, where it has started this process (`NOTIFY_SOCKET`), what becomes of it: `READY=1` when startup has
 * finished, `STATUS=` with the sentence of the readiness report, at most one a second, `STOPPING=1` when it drains, and
 * `WATCHDOG=1` twice in each `WatchdogSec` unless liveness is unhealthy. Does nothing elsewhere. Needs systemd's program
 * `systemd-notify`; where that is missing or fails, `diag` is told once. Returns a function that ends it. Throws
 * `HealthError` for an option that cannot be meant.
 */
export function notifySystemd(
  health: Pick<Health, "on" | "report" | "snapshot" | "verdict">,
  options: NotifySystemdOptions = {},
): () => void {
  const where = "notifySystemd()";
  demand(typeof health?.report === "function", `health of ${where}`, "a health object", health);
  demand(typeof options === "object" && options !== null, `options of ${where}`, "an object", options);
  const { watchdog = true, env = process.env, clock = systemClock } = options;
  demand(typeof watchdog === "boolean", `watchdog of ${where}`, "true or false", watchdog);
  demand(typeof env === "object" && env !== null, `env of ${where}`, "an object such as process.env", env);
  demand(typeof clock?.setTimer === "function", `clock of ${where}`, "a Clock", clock);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new HealthError(
      "invalid_option",
      `${key} is not an option of ${where}; the options are: ${known.join(", ")}`,
    );
  }
  const notifier = createNotifier({ env, clock, complain });
  if (notifier === undefined) return () => {};
  const reporter = new SystemdReporter(health, notifier, clock, watchdog);
  return () => reporter.stop();
}
