import { demand, demandMs, type FunctionCheck, HealthError, type ScheduleOptions } from "@otel-health/core";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { demandHeaders, headersRefused, wrongHeaders } from "./headers.ts";
import { judgeResponse, type Wanted } from "./judge-response.ts";
import { readBody } from "./read-body.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Options of {@link http}: those of any check that is run, and these. */
export interface HttpOptions extends ScheduleOptions {
  /** Default "GET". Only what changes nothing. */
  readonly method?: "GET" | "HEAD" | "OPTIONS";
  /** Sent with each request; a function is asked each time, for tokens that expire. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>);
  /** The statuses that are well, or a function that tells; default 200 to 299. Redirects are not followed. */
  readonly status?: number | readonly number[] | ((status: number) => boolean);
  /** Whether a body is well; default any. Must not wait. */
  readonly body?: (body: string) => boolean;
  /** Bytes of the body that are read; default 65 536. */
  readonly maxBodyBytes?: number;
  /** Whether the address is a health endpoint whose report counts: its "degraded" is a warning here. Default false. */
  readonly report?: boolean;
  /** A good response that took longer than this (milliseconds, default any) is a warning. */
  readonly warnAfterMs?: number;
  /** What sends the request; default the global `fetch`, with its pool of connections. */
  readonly fetch?: typeof globalThis.fetch;
}

const where = "http()";
const hint = "it did not answer: is it up, and does a firewall or a proxy between drop packets?";

/**
 * A check of an HTTP service by a request to `url` from the pool of connections that `fetch` has. The request ends with
 * the run. A `Retry-After` is heeded, up to five minutes. Throws `HealthError` for wrong options, and for a URL with
 * credentials, which `fetch` would refuse.
 */
export function http(url: string | URL, options: HttpOptions = {}): FunctionCheck {
  const target = readUrl(url);
  const { method = "GET", headers, maxBodyBytes = 65_536, fetch = globalThis.fetch } = options ?? {};
  demand(["GET", "HEAD", "OPTIONS"].includes(method), `method of ${where}`, '"GET", "HEAD" or "OPTIONS"', method);
  demandHeaders(where, headers);
  const isLength = Number.isInteger(maxBodyBytes) && maxBodyBytes >= 0;
  demand(isLength, `maxBodyBytes of ${where}`, "a whole number from 0 up", maxBodyBytes);
  demand(typeof fetch === "function", `fetch of ${where}`, "a function", fetch);
  const wanted = readWanted(options ?? {});
  return dependencyCheck(
    where,
    options,
    {
      method: true,
      headers: true,
      status: true,
      body: true,
      maxBodyBytes: true,
      report: true,
      warnAfterMs: true,
      fetch: true,
    },
    {
      hint,
      run: async ({ signal, clock }) => {
        const startedAt = clock.now();
        const sent = typeof headers === "function" ? headers() : headers;
        const wrong = sent === headers ? undefined : wrongHeaders(sent);
        if (wrong !== undefined) return headersRefused(where, wrong);
        const response = await fetch(target, {
          method,
          ...(sent !== undefined && { headers: sent }),
          redirect: "manual",
          cache: "no-store",
          signal,
        });
        const { text, whole } = await readBody(response.body, maxBodyBytes);
        return judgeResponse(
          {
            status: response.status,
            body: text,
            whole,
            tookMs: clock.now() - startedAt,
            retryAfterMs: retryAfterMs(response.headers.get("retry-after"), clock.wallTime()),
          },
          wanted,
        );
      },
    },
  );
}

function readUrl(url: string | URL): string {
  const parsed = typeof url === "string" ? URL.parse(url) : url instanceof URL ? url : null;
  const isHttp = parsed?.protocol === "http:" || parsed?.protocol === "https:";
  demand(isHttp, `url of ${where}`, "an absolute URL of http or https", url instanceof URL ? url.protocol : url);
  const { username, password, href } = parsed as URL;
  if (username === "" && password === "") return href;
  throw new HealthError(
    "invalid_option",
    `url of ${where} has credentials, which fetch refuses; give them as headers: { authorization: … }`,
  );
}

function readWanted({ method, status, body, report = false, warnAfterMs }: HttpOptions): Wanted {
  demand(body === undefined || typeof body === "function", `body of ${where}`, "a function", body);
  demand(typeof report === "boolean", `report of ${where}`, "true or false", report);
  const looksAtBody = body !== undefined || report;
  demand(method !== "HEAD" || !looksAtBody, `method of ${where}`, '"GET" for `body` or `report`', method);
  if (warnAfterMs !== undefined) demandMs(`warnAfterMs of ${where}`, warnAfterMs);
  return { status: readStatus(status), body, report, warnAfterMs: warnAfterMs ?? Number.POSITIVE_INFINITY };
}

function readStatus(status: HttpOptions["status"]): Wanted["status"] {
  if (status === undefined) return (code) => code >= 200 && code < 300;
  if (typeof status === "function") return status;
  const codes = typeof status === "number" ? [status] : status;
  const good = Array.isArray(codes) && codes.length > 0 && codes.every((code) => code >= 200 && code <= 599);
  demand(good, `status of ${where}`, "a status from 200 to 599, several, or a function", status);
  return (code) => codes.includes(code);
}
