import type { Attributes, Histogram } from "@opentelemetry/api";
import type { Clock, Health, ScopedTelemetry } from "@otel-health/core";
import { attributes, blockBuckets, events, metrics, scopeName, spans } from "../semconv.ts";
import { version } from "../version.ts";
import type { ToldBlock } from "../worker/probe-work.ts";
import { bindLoopInstruments } from "./loop-instruments.ts";

/** All that a watchdog tells of what it has seen. Nothing in it throws. */
export class WatchdogTelemetry {
  readonly #telemetry: ScopedTelemetry;
  readonly #clock: Clock;
  readonly #unbind: () => void;
  #duration: Histogram | undefined;

  constructor(health: Pick<Health, "telemetry">, clock: Clock) {
    this.#clock = clock;
    this.#telemetry = health.telemetry({ name: scopeName, version });
    const { name, unit, description } = metrics.loopBlockDuration;
    this.#unbind = this.#telemetry.meter((meter) => {
      const advice = { explicitBucketBoundaries: [...blockBuckets] };
      this.#duration = meter.createHistogram(name, { unit, description, advice });
      const unbindLoop = bindLoopInstruments(meter, clock);
      return () => {
        this.#duration = undefined;
        unbindLoop();
      };
    });
  }

  /** A block of the event loop is over. */
  blocked(block: ToldBlock): void {
    const { since, silentMs, starvedMs, stage } = block;
    const { cause, throttledMs } = block.cause;
    this.#duration?.record(silentMs / 1_000, { [attributes.blockCause]: cause });
    const to = since + silentMs;
    const told: Attributes = {
      [attributes.blockCause]: cause,
      [attributes.blockStage]: stage,
      [attributes.blockStarved]: starvedMs / 1_000,
      ...(throttledMs !== undefined && { [attributes.blockThrottled]: throttledMs / 1_000 }),
      ...stackAttributes(block),
    };
    const failed = stage !== "blocked";
    const body = sentence(block);
    const span = this.#telemetry.span({
      name: spans.loopBlock,
      from: since,
      to,
      attributes: told,
      ...(failed && { error: body }),
    });
    const severity = failed ? "error" : "warn";
    this.#telemetry.event({ name: events.loopBlocked, severity, timestamp: to, body, attributes: told, span });
  }

  /** The thread that serves the probes is there again. */
  restarted(reason: string, attempts: number): void {
    this.#telemetry.event({
      name: events.watchdogRestarted,
      severity: "warn",
      timestamp: this.#clock.wallTime(),
      body: `the watchdog's thread was started again: ${reason}`,
      attributes: { [attributes.restartReason]: reason, [attributes.restarts]: attempts },
    });
  }

  close(): void {
    this.#unbind();
  }
}

function sentence({ silentMs, cause: { cause }, stack }: ToldBlock): string {
  const where = stack?.functionName === undefined ? "" : ` in ${stack.functionName}`;
  const how = {
    running: `, running${where}`,
    waiting: `, waiting${where}`,
    starved: ", for want of CPU",
    unknown: where,
  };
  return `the event loop did not turn for ${(silentMs / 1_000).toFixed(1)} s${how[cause]}`;
}

function stackAttributes({ stack }: ToldBlock): Attributes {
  if (stack === undefined) return {};
  const { stacktrace, functionName, filePath, lineNumber, late } = stack;
  return {
    [attributes.codeStacktrace]: stacktrace,
    ...(late === true && { [attributes.blockLate]: true }),
    ...(functionName !== undefined && { [attributes.codeFunctionName]: functionName }),
    ...(filePath !== undefined && { [attributes.codeFilePath]: filePath }),
    ...(lineNumber !== undefined && { [attributes.codeLineNumber]: lineNumber }),
  };
}
