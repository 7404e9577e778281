import { type Attributes, readAttributes, readId, readTime, readValue } from "./attributes.ts";
import { decodeLogsRequest } from "./decode-request.ts";

export interface ReceivedLogRecord {
  readonly eventName: string | undefined;
  readonly scope: string | undefined;
  readonly resource: Attributes;
  /** 9 info, 13 warn, 17 error, 21 fatal; 0 when not set. */
  readonly severityNumber: number;
  readonly body: unknown;
  readonly attributes: Attributes;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly timeUnixNano: bigint;
}

export function readLogRecords(request: Uint8Array): ReceivedLogRecord[] {
  const { resourceLogs = [] } = decodeLogsRequest(request);
  return resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ scope, logRecords = [] }) =>
      logRecords.map((record) => ({
        eventName: record.eventName,
        scope: scope?.name,
        resource: readAttributes(resource?.attributes),
        severityNumber: record.severityNumber ?? 0,
        body: readValue(record.body),
        attributes: readAttributes(record.attributes),
        traceId: readId(record.traceId),
        spanId: readId(record.spanId),
        timeUnixNano: readTime(record.timeUnixNano),
      })),
    ),
  );
}
