import type { Screen } from "./screen.ts";
import { intervalMs, type Stage } from "./stage.ts";

/** What takes part, where it is, and what is not as it would be in production. */
export function introduce({ urls, proxy, collector }: Stage, screen: Screen): void {
  const address = (what: string, where: string, note = "") =>
    screen.line(`  ${what.padEnd(12)} ${screen.paint("cyan", where)}${note && screen.paint("gray", `  ${note}`)}`);
  screen.line();
  address("service", urls.service, "/readyz  /livez  /startupz  /orders");
  address("probes", urls.probes, "the same, from the thread of the watchdog");
  address("full report", `${urls.admin}/readyz`, "loopback only");
  address("metrics", urls.metrics);
  address("database", urls.database, "PostgreSQL (PGlite)");
  address("proxy", `postgres://postgres@localhost:${proxy.port}/postgres`, "in front of it");
  address("cache", urls.cache, "a stand-in for Redis");
  address("supplier", `${urls.supplier}/readyz`, "another service with a health of its own");
  address("collector", collector.url, "OTLP over HTTP, in this process");
  screen.line();
  screen.line(
    `  Checks run every ${intervalMs / 1_000} s, deadline ${intervalMs / 5_000} s (the defaults: 10 s and 2 s).`,
  );
  screen.line("  Below each claim stands what came back just now; … marks what is left out.");
}
