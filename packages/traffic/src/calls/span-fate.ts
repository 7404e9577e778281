import { type Attributes, type HrTime, type SpanKind, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import { saysGivenUp } from "./given-up.ts";
import { isServerError, rpcStatusName } from "./rpc-status.ts";
import { isSqlState, isTrouble } from "./sql-state.ts";

/** A span that has ended: what is read of it. Those of the SDKs 2.x and 3.x fit. */
export interface EndedSpan {
  readonly kind: SpanKind;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly duration: HrTime;
  readonly events: readonly { readonly attributes?: Attributes }[];
  readonly instrumentationScope?: { readonly name: string };
}

/** Of it, what its fate is read from. */
export type FatedSpan = Omit<EndedSpan, "kind" | "instrumentationScope">;

/**
 * What became of a call: it was answered, it failed, the caller gave it up without an answer, or broke it off, perhaps
 * amid one: a stream has no other end.
 */
export type Fate = "answered" | "failed" | "given up" | "cancelled";

/**
 * What became of the call of a span. A status code decides where there is one: instrumentations set ERROR for every
 * answer that is bad news to the caller (404, NOT_FOUND, a duplicate key), and those answers prove that somebody gives
 * them.
 */
export function fateOf(span: FatedSpan): Fate {
  const { attributes } = span;
  const rpc = rpcStatusOf(attributes);
  if (rpc !== undefined) {
    const name = rpcStatusName(rpc);
    if (name === "CANCELLED") return "cancelled";
    return isServerError(name) ? "failed" : "answered";
  }
  const isError = span.status.code === SpanStatusCode.ERROR;
  const code = isError ? codeOf(span) : undefined;
  const isGivenUp = saysGivenUp(code);
  const http = httpStatusOf(attributes);
  // An error that has a good status came after it: the body was cut off.
  if (http !== undefined) return http >= 500 || (isError && http < 400 && !isGivenUp) ? "failed" : "answered";
  if (!isError) return "answered";
  if (isGivenUp) return "given up";
  const isDatabase = attributes["db.system.name"] !== undefined || attributes["db.system"] !== undefined;
  return isDatabase && code !== undefined && isSqlState(code) && !isTrouble(code) ? "answered" : "failed";
}

/** What the call of a span failed with. */
export function errorTypeOf(span: FatedSpan): string {
  const { attributes } = span;
  const rpc = rpcStatusOf(attributes);
  if (rpc !== undefined) return rpcStatusName(rpc);
  const http = httpStatusOf(attributes);
  if (http !== undefined && http >= 400) return String(http);
  return codeOf(span) ?? "_OTHER";
}

/** Milliseconds. */
export function durationOf({ duration }: FatedSpan): number {
  return duration[0] * 1_000 + duration[1] / 1_000_000;
}

function rpcStatusOf(attributes: Attributes): unknown {
  return attributes["rpc.status_code"] ?? attributes["rpc.response.status_code"] ?? attributes["rpc.grpc.status_code"];
}

function httpStatusOf(attributes: Attributes): number | undefined {
  const status = attributes["http.response.status_code"] ?? attributes["http.status_code"];
  return typeof status === "number" ? status : undefined;
}

/** The pg instrumentation puts the code into the text of the exception, and nowhere else. */
const codeInText = /\(code: (\w{1,50})\)/;

/** The most telling word that the span has for its error. */
function codeOf({ attributes, events }: FatedSpan): string | undefined {
  const told = attributes["db.response.status_code"] ?? attributes["error.type"];
  // The http instrumentation writes an error's name there, which of the network's is no other, and its code below.
  if (told !== undefined && told !== "Error") return String(told);
  for (const { attributes: of } of events) {
    const type = of?.["exception.type"];
    if (typeof type === "string") return type;
    const [, code] = codeInText.exec(String(of?.["exception.message"] ?? "")) ?? [];
    if (code !== undefined && code !== "UNKNOWN") return code;
  }
  return told === undefined ? undefined : String(told);
}
