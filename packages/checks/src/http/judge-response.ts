import { type Fault, fail, type Outcome, warn } from "@otel-health/core";
import { noVerdict } from "../dependency/no-verdict.ts";
import { readReport } from "./read-report.ts";

/** What is wanted of a response. */
export interface Wanted {
  readonly status: (status: number) => unknown;
  readonly body: ((body: string) => unknown) | undefined;
  readonly report: boolean;
  readonly warnAfterMs: number;
}

/** A response that has been read. */
export interface ReadResponse {
  readonly status: number;
  readonly body: string;
  /** False where the body was cut. */
  readonly whole: boolean;
  readonly tookMs: number;
  readonly retryAfterMs: number;
}

/** Judges a response; undefined for one that is as it should be. */
export function judgeResponse(response: ReadResponse, wanted: Wanted): Outcome | undefined {
  const { status, body, whole, tookMs } = response;
  const report = wanted.report ? readReport(body) : undefined;
  const isStatus = wanted.status(status);
  if (typeof isStatus !== "boolean") return noVerdict("status of http()");
  if (!isStatus) {
    const why = report?.message === undefined ? "" : `: ${report.message}`;
    return fail(`it answered ${status}${why}`, { ...meaning(status), ...asked(response), errorType: String(status) });
  }
  if (wanted.report) {
    if (report === undefined) {
      return fail("its answer is no health report", {
        errorType: "invalid_report",
        fault: "persistent",
        hint: 'is that the path of a health endpoint? It answers JSON with a "status"',
      });
    }
    const said = report.message ?? `it says that it is ${report.status}`;
    if (report.status === "unhealthy") return fail(said, { ...asked(response), errorType: "unhealthy" });
    if (report.status === "degraded") return warn(said);
  }
  const isBody = wanted.body === undefined || wanted.body(body);
  if (typeof isBody !== "boolean") return noVerdict("body of http()");
  if (!isBody) {
    return fail(whole ? "its body is not what was expected" : "what was read of its body is not what was expected", {
      errorType: "unexpected_body",
      hint: whole ? "look at what the address answers now" : "the body is longer than maxBodyBytes, and was cut there",
    });
  }
  if (tookMs <= wanted.warnAfterMs) return undefined;
  return warn(`it answered after ${Math.round(tookMs)} ms, more than ${wanted.warnAfterMs} ms`);
}

function asked({ retryAfterMs }: ReadResponse): { readonly retryAfterMs?: number } {
  return retryAfterMs > 0 ? { retryAfterMs } : {};
}

function meaning(status: number): { readonly fault: Fault; readonly hint: string } {
  if (status === 401 || status === 403 || status === 407)
    return { fault: "fatal", hint: "it refuses the credentials: look at the headers that the check is given" };
  if (status === 404 || status === 410)
    return { fault: "persistent", hint: "there is nothing at that path: is the address right?" };
  if (status === 408 || status === 425 || status === 429)
    return { fault: "transient", hint: "it limits how often it is asked: raise intervalMs, or its limit" };
  if (status >= 300 && status < 400)
    return { fault: "persistent", hint: "it redirects: give the address that it redirects to, or accept the status" };
  if (status >= 400 && status < 500)
    return { fault: "persistent", hint: "it refuses the request itself: look at method and headers of the check" };
  if (status === 502 || status === 504)
    return { fault: "transient", hint: "a proxy before it has no server that answers" };
  return { fault: "transient", hint: "it is up and not well: look at its own health, and at its log" };
}
