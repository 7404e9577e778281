import { type Attributes, readAttributes, readId, readTime } from "./attributes.ts";
import { decodeTraceRequest } from "./decode-request.ts";

export interface ReceivedSpan {
  readonly name: string;
  readonly scope: string | undefined;
  readonly resource: Attributes;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: Attributes;
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly attributes: Attributes }[];
  /** 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message: string | undefined };
}

export function readSpans(request: Uint8Array): ReceivedSpan[] {
  const { resourceSpans = [] } = decodeTraceRequest(request);
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        name: span.name,
        scope: scope?.name,
        resource: readAttributes(resource?.attributes),
        traceId: readId(span.traceId) ?? "",
        spanId: readId(span.spanId) ?? "",
        parentSpanId: readId(span.parentSpanId),
        startTimeUnixNano: readTime(span.startTimeUnixNano),
        endTimeUnixNano: readTime(span.endTimeUnixNano),
        attributes: readAttributes(span.attributes),
        links: span.links.map((link) => ({
          traceId: readId(link.traceId) ?? "",
          spanId: readId(link.spanId) ?? "",
          attributes: readAttributes(link.attributes),
        })),
        // A status of all defaults is not on the wire.
        status: { code: span.status?.code ?? 0, message: span.status?.message },
      })),
    ),
  );
}
