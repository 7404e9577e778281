import {
  type Attributes,
  type Context,
  type LogRecord,
  ROOT_CONTEXT,
  type SeverityNumber,
  type SpanContext,
  trace,
} from "@opentelemetry/api";
import { guarded } from "./guard.ts";
import { hrTime } from "./hr-time.ts";
import type { Providers } from "./providers.ts";
import type { Severity } from "./transition.ts";

/** Severity numbers of the logs data model. Spelled out: API 1.9 exports no `SeverityNumber`. */
const severityNumbers: { readonly [S in EventSeverity]: SeverityNumber } = {
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  error2: 18,
};

/** `error2`: an error that is worse than the one before. */
export type EventSeverity = Severity | "error2";

/** Writes events: log records with a name. */
export class Events {
  readonly #source: Pick<Providers, "logger">;

  constructor(source: Pick<Providers, "logger">) {
    this.#source = source;
  }

  /** `body` is what a person reads; `span` ties the record to a trace, and is given only where that is sampled. */
  emit(
    eventName: string,
    severity: EventSeverity,
    wallAt: number,
    body: string,
    attributes: Attributes,
    span: SpanContext | undefined,
  ): void {
    guarded(`writing the event ${eventName}`, () => {
      const logger = this.#source.logger();
      if (logger === undefined) return;
      const context: Context = span === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, span);
      const severityNumber = severityNumbers[severity];
      if (logger.enabled?.({ context, severityNumber, eventName }) === false) return;
      const timestamp = hrTime(wallAt);
      const record = { eventName, severityNumber, timestamp, body, attributes, context } satisfies LogRecord;
      logger.emit(record);
    });
  }
}
