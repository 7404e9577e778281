import { type Attributes, context, type Span, TraceFlags, trace } from "@opentelemetry/api";
import type { Clock } from "@otel-health/core";
import type { CallIndex, CallWatcher } from "../calls/call-index.ts";
import { saysGivenUp } from "../calls/given-up.ts";
import { Listeners } from "./listeners.ts";
import type { OwnCalls } from "./own-calls.ts";

/** The parts of undici's request that are read. */
interface UndiciRequest {
  readonly origin?: unknown;
  readonly method?: unknown;
  readonly path?: unknown;
}

interface RequestMessage {
  readonly request: UndiciRequest;
}

interface HeadersMessage extends RequestMessage {
  readonly response: { readonly statusCode: number };
}

interface ErrorMessage extends RequestMessage {
  readonly error: unknown;
}

interface Call {
  readonly watchers: readonly CallWatcher[];
  readonly attributes: Attributes;
  readonly startedAt: number;
  /** What each watcher counted it as, once the answer began. */
  counted: readonly (number | undefined)[] | undefined;
}

/** Origins whose attributes are kept; a service that calls more than these parses some of them again. */
const mostOrigins = 1_000;

/** What {@link UndiciCalls} is given. */
export interface UndiciParts {
  readonly index: CallIndex;
  readonly own: OwnCalls;
  readonly clock: Clock;
  /** Hears of a call in a trace that was sampled out. */
  readonly sampledOut: () => void;
}

/**
 * The calls that `fetch` and undici make, as undici itself tells of them: without instrumentation, and whatever is
 * sampled. A call has ended when its answer begins; what breaks off after that has failed.
 */
export class UndiciCalls {
  readonly #parts: UndiciParts;
  readonly #calls = new WeakMap<object, Call>();
  readonly #origins = new Map<string, Attributes>();
  readonly #listeners: Listeners;

  constructor(parts: UndiciParts) {
    this.#parts = parts;
    this.#listeners = new Listeners([
      ["undici:request:create", (message: RequestMessage) => this.#created(message.request)],
      ["undici:request:headers", (message: HeadersMessage) => this.#answered(message)],
      ["undici:request:error", (message: ErrorMessage) => this.#broke(message)],
    ]);
  }

  /** Returns what ends it. */
  subscribe(): () => void {
    return this.#listeners.subscribe();
  }

  #created(request: UndiciRequest): void {
    const { index, own, clock, sampledOut } = this.#parts;
    // Of a proxy it is the call through the tunnel that counts.
    if (index.isEmpty || request.method === "CONNECT") return;
    const active = context.active();
    if (own.isOwn(active)) return;
    const attributes = this.#attributesOf(request);
    if (isSampledOut(trace.getSpan(active))) sampledOut();
    const watchers = index.find(attributes);
    if (watchers.length === 0) return;
    for (const watcher of watchers) watcher.begun();
    this.#calls.set(request, { watchers, attributes, startedAt: clock.now(), counted: undefined });
  }

  #answered({ request, response: { statusCode } }: HeadersMessage): void {
    const call = this.#calls.get(request);
    // What comes before the answer itself (103) is none; 101 is all that an upgrade gets.
    if (call === undefined || call.counted !== undefined || (statusCode < 200 && statusCode !== 101)) return;
    const failed = statusCode >= 500;
    const attributes = { ...call.attributes, "http.response.status_code": statusCode };
    this.#end(call, attributes, failed, statusCode >= 400 ? String(statusCode) : undefined);
  }

  #broke({ request, error }: ErrorMessage): void {
    const call = this.#calls.get(request);
    if (call === undefined) return;
    this.#calls.delete(request);
    const errorType = failureOf(error);
    const { watchers, counted, startedAt } = call;
    if (errorType === undefined) {
      const ms = this.#parts.clock.now() - startedAt;
      if (counted === undefined) for (const watcher of watchers) watcher.givenUp(ms);
      return;
    }
    if (counted === undefined) this.#end(call, call.attributes, true, errorType);
    else watchers.forEach((watcher, place) => void watcher.amend(counted[place], errorType));
  }

  #end(call: Call, attributes: Attributes, failed: boolean, errorType: string | undefined): void {
    const ended = { attributes, failed, errorType, durationMs: this.#parts.clock.now() - call.startedAt };
    call.counted = call.watchers.map((watcher) => watcher.ended(ended));
  }

  #attributesOf({ origin, method, path }: UndiciRequest): Attributes {
    const key = String(origin);
    let where = this.#origins.get(key);
    if (where === undefined) {
      where = whereOf(key);
      if (this.#origins.size >= mostOrigins) this.#origins.clear();
      this.#origins.set(key, where);
    }
    const [urlPath = ""] = String(path).split("?");
    return { ...where, "http.request.method": String(method), "url.path": urlPath };
  }
}

/**
 * What a call failed with, undefined where the caller lost interest: its reason, which may be anything, is the error
 * then. Those of the network have a code. A timeout of the caller's own is a failure.
 */
function failureOf(error: unknown): string | undefined {
  const { name, code } = Object(error) as { readonly name?: unknown; readonly code?: unknown };
  if (saysGivenUp(name) || saysGivenUp(code)) return undefined;
  if (typeof code === "string") return code;
  return name === "TimeoutError" ? name : undefined;
}

function isSampledOut(span: Span | undefined): boolean {
  if (span === undefined || span.isRecording()) return false;
  const spanContext = span.spanContext();
  return trace.isSpanContextValid(spanContext) && (spanContext.traceFlags & TraceFlags.SAMPLED) === 0;
}

function whereOf(origin: string): Attributes {
  const { protocol, hostname, port } = new URL(origin);
  const scheme = protocol.slice(0, -1);
  return {
    "url.scheme": scheme,
    // As instrumentations write it: an IPv6 address has no brackets.
    "server.address": hostname.replace(/^\[(.*)\]$/, "$1"),
    "server.port": port === "" ? (scheme === "https" ? 443 : 80) : Number(port),
  };
}
