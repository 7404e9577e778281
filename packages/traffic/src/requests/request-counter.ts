import type { Attributes } from "@opentelemetry/api";
import { durationOf, errorTypeOf, type FatedSpan, fateOf } from "../calls/span-fate.ts";
import type { OpenRequest, RequestEnd, ServedRequest } from "./served-request.ts";

/** Counts requests. */
export interface RequestWatcher {
  /** Whether it counts this one. */
  counts(request: ServedRequest): boolean;
  began(request: OpenRequest): void;
  /** One that began has ended, or one whose beginning was not seen. */
  ended(request: ServedRequest, end: RequestEnd): void;
}

const none: ServedRequest["headers"] = {};
const healthService = "grpc.health.v1.Health";

/** Hands the requests that the service serves to those who count them. */
export class RequestCounter {
  readonly #watchers = new Set<RequestWatcher>();

  /** Adds a watcher; returns what takes it off. */
  add(watcher: RequestWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** A request has begun; undefined where nobody counts it, else what to call when it has ended. */
  began(request: OpenRequest): ((end: RequestEnd) => void) | undefined {
    const counting = [...this.#watchers].filter((watcher) => watcher.counts(request));
    if (counting.length === 0) return undefined;
    for (const watcher of counting) watcher.began(request);
    return (end) => {
      for (const watcher of counting) watcher.ended(request, end);
    };
  }

  /** The span of a request has ended. Those of HTTP are counted where Node itself tells of them. */
  ended(span: FatedSpan): void {
    if (this.#watchers.size === 0) return;
    const { attributes } = span;
    if (attributes["http.request.method"] !== undefined || attributes["http.method"] !== undefined) return;
    if (isHealthProtocol(attributes)) return;
    const fate = fateOf(span);
    if (fate === "given up" || fate === "cancelled") return;
    const request = {
      method: undefined,
      url: undefined,
      headers: none,
      port: undefined,
      status: undefined,
      attributes,
    };
    const failed = fate === "failed";
    const errorType = failed ? errorTypeOf(span) : undefined;
    const end = { by: "service", failed, errorType, ms: durationOf(span) } as const;
    for (const watcher of this.#watchers) if (watcher.counts(request)) watcher.ended(request, end);
  }
}

/** By the old conventions `rpc.method` is the method alone, by the new ones it has the service before it. */
function isHealthProtocol(attributes: Attributes): boolean {
  return (
    attributes["rpc.service"] === healthService || String(attributes["rpc.method"]).startsWith(`${healthService}/`)
  );
}
