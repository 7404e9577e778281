import type { CheckReport, Report } from "@otel-health/express";
import { kubeProbe } from "@otel-health/testkit";
import type { Stage } from "./stage.ts";

/** A probe's answer, with its body read. */
export interface Answer {
  readonly status: number | undefined;
  readonly report: Report;
}

/** Probes as a kubelet does, on a connection of its own. */
export async function probe(url: string): Promise<Answer> {
  const { status, body, error } = await kubeProbe(url);
  if (error !== undefined) throw new Error(`${url}: ${error}`);
  return { status, report: JSON.parse(body) };
}

/** A check as the full report on the admin port tells of it. */
export async function fullReport({ urls }: Stage, check: string, path = "/readyz"): Promise<CheckReport> {
  const { report } = await probe(urls.admin + path);
  const found = report.checks?.[check];
  if (found === undefined) throw new Error(`${path} tells nothing of ${check}`);
  return found;
}

/** The lines of the metrics page that begin so. */
export async function metricLines({ urls }: Stage, beginning: string): Promise<readonly string[]> {
  const page = await (await fetch(urls.metrics)).text();
  return page.split("\n").filter((line) => line.startsWith(beginning));
}

/** Orders tea. */
export async function placeOrder(service: string): Promise<{ readonly status: number; readonly order: Fields }> {
  const response = await fetch(`${service}/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ item: "tea", quantity: 2 }),
  });
  return { status: response.status, order: (await response.json()) as Fields };
}

/** An object of which not much is known: a line of the log, the attributes of a span. */
export type Fields = Readonly<Record<string, unknown>>;

/** The service's log by now: pino's lines on stdout, which has nothing else. */
export function logLines({ service }: Stage): readonly Fields[] {
  return service.stdout.map((line) => JSON.parse(line));
}

/** Whether `fields` has everything that `wanted` has. */
export function has(fields: Fields, wanted: Fields): boolean {
  return Object.entries(wanted).every(([key, value]) => fields[key] === value);
}

/** These fields of an object as JSON, in the object's own order; `…` stands for what is left out. */
export function excerpt(object: object, keys: readonly string[]): string {
  const parts = Object.entries(object).map(([key, value]) =>
    keys.includes(key) ? `${JSON.stringify(key)}:${JSON.stringify(value)}` : "…",
  );
  return `{${parts.filter((part, index) => part !== "…" || parts[index - 1] !== "…").join(",")}}`;
}
