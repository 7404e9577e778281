import type { Screen } from "./screen.ts";
import { intervalMs, type Stage } from "./stage.ts";

/** What takes part, where it is, and what is not as it would be in production. */
export function introduce({ urls, proxy, collector }: Stage, screen: Screen): void {
  const address = (what: string, where: string, note = "") =>
    screen.line(`  ${what.padEnd(12)} ${screen.paint("cyan", where)}  ${screen.paint("gray", note)}`);
  screen.line();
  address("service", urls.service, "/readyz  /livez  /startupz  POST /orders  GET /orders/1");
  address("full report", `${urls.admin}/readyz`, "loopback only");
  address("metrics", urls.metrics);
  address("database", urls.database, "PostgreSQL (PGlite)");
  address(
    "proxy",
    `postgres://postgres@localhost:${proxy.port}/postgres`,
    "in front of it: what the service connects to",
  );
  address("cache", urls.cache, "a stand-in for Redis");
  address("collector", collector.url, "OTLP over HTTP, in this process");
  screen.line();
  screen.line(
    `  Checks run every ${intervalMs / 1_000} s, deadline ${intervalMs / 5_000} s, to keep this short; the defaults are 10 s and 2 s.`,
  );
  screen.line("  What stands below a claim came back over the wire just now; … marks what is left out.");
}
