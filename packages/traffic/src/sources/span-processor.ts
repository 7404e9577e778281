import {
  type Attributes,
  type AttributeValue,
  type Context,
  type Link,
  SpanKind,
  SpanStatusCode,
} from "@opentelemetry/api";
import type { CallIndex } from "../calls/call-index.ts";
import { durationOf, type EndedSpan, errorTypeOf, fateOf } from "../calls/span-fate.ts";
import { tell } from "../contained.ts";
import type { Degradation } from "../degraded/degradation.ts";
import type { RequestCounter } from "../requests/request-counter.ts";
import type { OwnCalls } from "./own-calls.ts";

/** A span that has begun: what is read and written of it. Those of the SDKs 2.x and 3.x fit. */
export interface StartedSpan {
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly instrumentationScope?: { readonly name: string };
  setAttribute(key: string, value: AttributeValue): unknown;
  /** Missing before API 1.9. */
  addLink?(link: Link): unknown;
}

/** A span processor for an SDK's `spanProcessors`. It exports nothing. */
export interface TrafficSpanProcessor {
  onStart(span: StartedSpan, parentContext: Context): void;
  onEnd(span: EndedSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** What the span processor is given. */
export interface SpanProcessorParts {
  readonly calls: CallIndex;
  readonly requests: RequestCounter;
  readonly degradation: Degradation;
  readonly own: OwnCalls;
}

const undiciScope = "@opentelemetry/instrumentation-undici";

/**
 * Watches the spans of calls and requests. Most spans are neither, or nobody watches them: those cost a comparison or a
 * few look-ups, and no memory.
 */
export function createSpanProcessor({ calls, requests, degradation, own }: SpanProcessorParts): TrafficSpanProcessor {
  /** Spans of health's own calls that have not ended. */
  const ignored = new WeakSet<object>();
  let ignoring = false;
  let told = false;

  const started = (span: StartedSpan, parentContext: Context): void => {
    if (span.kind === SpanKind.SERVER) {
      degradation.mark(span);
      return;
    }
    if (calls.isEmpty) return;
    const watchers = calls.find(span.attributes);
    if (own.isOwn(parentContext)) {
      ignored.add(span);
      ignoring = true;
      return;
    }
    if (watchers.length === 0 || !isCall(span)) return;
    for (const watcher of watchers) watcher.begun();
  };

  const ended = (span: EndedSpan): void => {
    if (span.kind === SpanKind.SERVER) {
      requests.ended(span);
      return;
    }
    if (calls.isEmpty) return;
    const { attributes } = span;
    const watchers = calls.find(attributes);
    if (watchers.length === 0 || (ignoring && ignored.delete(span))) return;
    if (!isCall(span)) return;
    const fate = fateOf(span);
    if (fate === "given up" || fate === "cancelled") {
      const ms = fate === "given up" ? durationOf(span) : 0;
      for (const watcher of watchers) watcher.givenUp(ms);
      return;
    }
    const failed = fate === "failed";
    const errorType = failed || span.status.code === SpanStatusCode.ERROR ? errorTypeOf(span) : undefined;
    const call = { attributes, failed, errorType, durationMs: durationOf(span) };
    for (const watcher of watchers) watcher.ended(call);
  };

  /** Nothing may be thrown into the application, and a span that can't be read is one of many alike. */
  const report = (error: unknown): void => {
    if (!told) tell("reading a span threw", error);
    told = true;
  };

  return {
    onStart(span, parentContext) {
      try {
        if (span.kind !== SpanKind.INTERNAL) started(span, parentContext);
      } catch (error) {
        report(error);
      }
    },
    onEnd(span) {
      try {
        if (span.kind !== SpanKind.INTERNAL) ended(span);
      } catch (error) {
        report(error);
      }
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

/**
 * A span of kind CONSUMER is a call only where it fetches or settles a message: one that processes a message fails for
 * the application's own reasons. Undici tells of its calls itself.
 */
function isCall({ kind, attributes, instrumentationScope }: EndedSpan | StartedSpan): boolean {
  if (instrumentationScope?.name === undiciScope) return false;
  if (kind !== SpanKind.CONSUMER) return true;
  const operation = attributes["messaging.operation.type"] ?? attributes["messaging.operation"];
  return operation === "receive" || operation === "settle";
}
