import { type VerdictStatus, verdictStatuses } from "../verdict/votes.ts";
import { draftStatuses } from "./draft-statuses.ts";
import { iso, isoSeconds } from "./iso.ts";
import type { RenderedAnswer } from "./rendered-answer.ts";
import { type HealthResponse, response } from "./response.ts";

/** What a thread that watches the event loop knows about it, and nobody on the loop can say. */
export interface LoopBlock {
  /** When it turned last, wall milliseconds. */
  readonly since: number;
  /** How long that is ago, as it matters: nothing fails yet; readiness and its like fail; liveness fails as well. */
  readonly stage: "blocked" | "unready" | "dead";
}

/** The answer of a process whose event loop is blocked. Pure: all that was rendered stays, only the block is added. */
export function overlay(answer: RenderedAnswer, block: LoopBlock): HealthResponse {
  const implied = impliedVerdict(answer, block);
  const worsens = verdictStatuses.indexOf(implied) > verdictStatuses.indexOf(answer.verdict);
  const status = worsens ? implied : answer.verdict;
  const message = worsens ? `the event loop has not turned since ${isoSeconds(block.since)}` : undefined;
  const { headers, body } = answer.response;
  return response(
    answer.statusCodes[status],
    headers["Content-Type"] ?? "",
    written(answer, body, status, message, block),
    extraHeaders(answer, status, message),
  );
}

/** A loop that is blocked takes no traffic; whether a restart would mend it is known only when it does not come back. */
function impliedVerdict({ probe }: RenderedAnswer, { stage }: LoopBlock): VerdictStatus {
  // What has started has started; what has not says so already.
  if (probe === "startup") return "healthy";
  if (stage === "dead") return "unhealthy";
  return stage === "unready" && probe !== "liveness" ? "unhealthy" : "degraded";
}

function written(
  { probe, format }: RenderedAnswer,
  body: string,
  status: VerdictStatus,
  message: string | undefined,
  { since }: LoopBlock,
): string {
  switch (format) {
    case "json": {
      const { checks, ...head } = JSON.parse(body);
      const told = "message" in head && { ...(message !== undefined && { message }), blockedSince: iso(since) };
      return JSON.stringify({ ...head, status, ...told, ...(checks !== undefined && { checks }) });
    }
    case "health+json": {
      if (message === undefined) return body;
      const { checks, ...head } = JSON.parse(body);
      const told = checks !== undefined && { output: message };
      return JSON.stringify({
        ...head,
        status: draftStatuses[status],
        ...told,
        ...(checks !== undefined && { checks }),
      });
    }
    case "text": {
      if (message === undefined) return body;
      const lastLine = body.lastIndexOf("\n", body.length - 2) + 1;
      return `${body.slice(0, lastLine)}${probe} is ${status}${body.includes(":", lastLine) ? `: ${message}` : ""}\n`;
    }
  }
}

function extraHeaders(
  { probe, verdict, response: { headers } }: RenderedAnswer,
  status: VerdictStatus,
  message: string | undefined,
): readonly string[] {
  const { "Retry-After": retryAfter, "X-Health-Reason": reason } = headers;
  const failsAnew = message !== undefined && status === "unhealthy";
  // Traffic may come back as soon as the loop turns; nothing is promised of one that does not.
  const after = failsAnew ? (probe === "liveness" ? undefined : "1") : retryAfter;
  // Where no more than the verdict is told, the header tells no more either.
  const why = reason === verdict ? status : (message ?? reason);
  return [
    ...(after === undefined ? [] : ["Retry-After", after]),
    ...(why === undefined || reason === undefined ? [] : ["X-Health-Reason", why]),
  ];
}
