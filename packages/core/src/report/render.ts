import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthSnapshot } from "../snapshot/health-snapshot.ts";
import type { ProbeName } from "../verdict/probe.ts";
import { createCheckReport, type Detail, membersOf, nextDecidingRun, reportHead } from "./report.ts";

/** An answer to a probe, ready to be written. Nothing in it is made anew for a request. */
export interface HealthResponse {
  readonly status: number;
  /** Header names as HTTP/1.1 spells them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The same headers as `[name, value, name, value, …]`, which `writeHead` takes with less work. */
  readonly rawHeaders: string[];
  /** JSON text; empty in an answer to HEAD. */
  readonly body: string;
}

/** What a check looks like in JSON, kept for as long as its snapshot entry lives. */
export type Fragments = WeakMap<CheckSnapshot, string>;

/** Renders one probe at one detail. `JSON.parse` of the body is `createReport` of the same arguments. */
export function renderReport(
  snapshot: HealthSnapshot,
  probe: ProbeName,
  detail: Detail,
  fragments: Fragments,
): HealthResponse {
  const members = membersOf(snapshot, probe);
  const head = JSON.stringify(reportHead(snapshot, probe, detail, members));
  const body =
    detail === "status"
      ? head
      : `${head.slice(0, -1)},"checks":{${members.map((check) => fragment(check, detail, fragments)).join()}}}`;
  const healthy = snapshot.probes[probe].status !== "unhealthy";
  return jsonResponse(healthy ? 200 : 503, body, healthy ? [] : retryAfter(snapshot, probe, members));
}

/** A JSON answer with the headers that every answer has. */
export function jsonResponse(status: number, body: string, extraHeaders: readonly string[] = []): HealthResponse {
  const rawHeaders = [
    "Content-Type",
    "application/json",
    "Content-Length",
    String(Buffer.byteLength(body)),
    "Cache-Control",
    "no-store",
    "X-Content-Type-Options",
    "nosniff",
    ...extraHeaders,
  ];
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) headers[rawHeaders[i] as string] = rawHeaders[i + 1] as string;
  return Object.freeze({ status, headers: Object.freeze(headers), rawHeaders, body });
}

/** The same answer for HEAD: its headers tell the length of the body that GET would have. */
export function withoutBody(response: HealthResponse): HealthResponse {
  return Object.freeze({ ...response, body: "" });
}

function fragment(check: CheckSnapshot, detail: Detail, fragments: Fragments): string {
  let text = fragments.get(check);
  if (text === undefined) {
    text = `${JSON.stringify(check.name)}:${JSON.stringify(createCheckReport(check, detail))}`;
    fragments.set(check, text);
  }
  return text;
}

/** Whole seconds until a run can change the verdict; no promise where only the lifecycle or a gate can. */
function retryAfter(snapshot: HealthSnapshot, probe: ProbeName, members: readonly CheckSnapshot[]): readonly string[] {
  const next = nextDecidingRun(snapshot, probe, members);
  if (next === null) return [];
  return ["Retry-After", String(Math.max(1, Math.ceil((next - snapshot.timestamp) / 1_000)))];
}
