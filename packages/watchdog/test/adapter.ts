import type { ConformanceAdapter } from "@otel-health/testkit/conformance";
import { startWatchdog } from "@otel-health/watchdog";

/** The watchdog as one way to serve probes. */
export const adapter: ConformanceAdapter = {
  name: "startWatchdog",
  hasApp: false,
  nests: false,
  shieldsFrom: [],
  plainOnly: true,
  async serve({ mounts: [{ health, options = {} }], host }) {
    const { detail, authorize, authorizeTimeoutMs, ...endpoints } = options;
    // The tests are run in the thread that is watched, and may block it for a while.
    return await startWatchdog(health, {
      host,
      ...endpoints,
      blockedAfterMs: 60_000,
      unreadyAfterMs: 60_000,
      deadAfterMs: 60_000,
    });
  },
};
