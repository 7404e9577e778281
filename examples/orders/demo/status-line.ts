import type { Report } from "@otel-health/express";
import type { FaultMode } from "@otel-health/testkit";
import type { Screen } from "./screen.ts";
import type { Sight } from "./watch.ts";

const colours = { healthy: "green", degraded: "yellow", unhealthy: "red", unknown: "yellow" } as const;

/** Both probes, every check and the proxy, in one line. */
export function statusLine(screen: Screen, { readyz, livez }: Sight, mode: FaultMode): string {
  const status = (answered: number | undefined) =>
    screen.paint(answered === 200 ? "green" : "red", String(answered ?? "–").padEnd(3));
  const { checks = {} }: Partial<Report> = readyz.body === "" ? {} : JSON.parse(readyz.body);
  const states = Object.entries(checks).map(([name, { status }]) =>
    screen.paint(colours[status], status === "healthy" ? name : `${name} ${status}`),
  );
  const proxy = mode === "pass" ? screen.paint("gray", "pass") : screen.paint("red", mode);
  return [
    `readyz ${status(readyz.status)}  livez ${status(livez.status)}`,
    states.join(" ") || screen.paint("gray", "no service"),
    `proxy: ${proxy}`,
  ].join(screen.paint("gray", "  │  "));
}
