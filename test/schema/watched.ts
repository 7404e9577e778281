import type { Endpoints, Health, HealthResponse, Report } from "@otel-health/core";
import { expectReport } from "./expect-report.ts";

/** Answers are the same objects until something changes: each is looked at once. */
const seen = new WeakSet<object>();
const watchedHealth = new WeakSet<object>();

/** The same health object, whose every report is held to the published schema. */
export function watched<H extends Pick<Health, "report" | "respond" | "endpoints">>(health: H): H {
  const { report, endpoints } = health;
  watchedHealth.add(health);
  return Object.assign(health, watchedEndpoints(health), {
    report: (...args: Parameters<typeof report>) => expectReport(report(...args)) as Report,
    endpoints: (...args: Parameters<typeof endpoints>) => watchedEndpoints(endpoints(...args)),
  });
}

/** Whether a health object's reports are looked at. */
export function isWatched(health: object): boolean {
  return watchedHealth.has(health);
}

function watchedEndpoints<E extends Pick<Endpoints, "respond">>(endpoints: E): E {
  const { respond } = endpoints;
  return Object.assign(endpoints, { respond: (...args: Parameters<typeof respond>) => checked(respond(...args)) });
}

function checked(response: HealthResponse | undefined): HealthResponse | undefined {
  if (response === undefined || seen.has(response)) return response;
  seen.add(response);
  if (isReport(response)) expectReport(JSON.parse(response.body));
  if (response.authorized !== undefined) void response.authorized.then(checked);
  return response;
}

/** Ours, and not the word on what was wrong with a request. */
function isReport({ headers, body }: HealthResponse): boolean {
  return headers["Content-Type"] === "application/json" && body !== "" && !body.startsWith('{"error":');
}
