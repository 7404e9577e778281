import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthSnapshot } from "../snapshot/health-snapshot.ts";
import { type Format, writers } from "./format.ts";
import { nextDecidingRun } from "./next-deciding-run.ts";
import type { Detail } from "./report.ts";
import { type HealthResponse, response } from "./response.ts";
import type { StatusCodes } from "./status-codes.ts";
import { summaryMessage } from "./summary-message.ts";
import type { View } from "./view.ts";

/** How an answer is to look. */
export interface Manner {
  readonly detail: Detail;
  readonly format: Format;
  readonly statusCodes: StatusCodes;
  /** Whether the summary also stands in a header, for those who see no body. */
  readonly reasonHeader: boolean;
}

/** Checks as they are written, kept for as long as their snapshot entries live: one such map for each format and detail. */
export type Fragments = WeakMap<CheckSnapshot, string>;

/** Writes the answer for one view. */
export function render(snapshot: HealthSnapshot, view: View, manner: Manner, fragments: Fragments): HealthResponse {
  const { detail, format, statusCodes, reasonHeader } = manner;
  const { status } = view.verdict;
  const writer = writers[format];
  const fragment = (check: CheckSnapshot) => {
    let text = fragments.get(check);
    if (text === undefined) {
      text = writer.check(check, detail);
      fragments.set(check, text);
    }
    return text;
  };
  const body = writer.body(snapshot, view, detail, detail === "status" ? [] : view.members.map(fragment));
  const code = statusCodes[status];
  // Names of checks are told where the body tells them.
  const reason = detail === "status" ? status : summaryMessage(snapshot, view);
  return response(code, writer.contentType, body, [
    ...(code >= 400 ? retryAfter(snapshot, view) : []),
    ...(reasonHeader ? ["X-Health-Reason", reason] : []),
  ]);
}

/** Whole seconds until a run can change the verdict; no promise where only the lifecycle or a gate can. */
function retryAfter(snapshot: HealthSnapshot, view: View): readonly string[] {
  const next = nextDecidingRun(snapshot, view);
  if (next === null) return [];
  return ["Retry-After", String(Math.max(1, Math.ceil((next - snapshot.timestamp) / 1_000)))];
}
