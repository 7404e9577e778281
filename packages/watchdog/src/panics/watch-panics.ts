import { diag } from "@opentelemetry/api";
import {
  type CheckOptions,
  type Clock,
  demand,
  demandCheck,
  demandMs,
  describeThrown,
  type Health,
  type PushCheck,
  systemClock,
  type Timer,
} from "@otel-health/core";
import { attributes, events, metrics, scopeName } from "../semconv.ts";
import { version } from "../version.ts";
import { boundedStack } from "./bounded-stack.ts";
import { isFatal, type Panic, type PanicOrigin, type PanicSource } from "./panic.ts";
import { RejectionListener } from "./rejection-listener.ts";
import { rejectionMode } from "./rejection-mode.ts";

/** Options of {@link watchPanics}. */
export interface PanicOptions extends Pick<CheckOptions, "probes" | "hint"> {
  /** The name of the check; default `panics`. */
  readonly name?: string;
  /** Milliseconds after the last panic until the check passes again; default 600 000. */
  readonly windowMs?: number;
  /**
   * Called with each panic, synchronously, when check, event and metric have been told: the last that a process does
   * where the panic is fatal. What it throws is reported through `diag`.
   */
  readonly onPanic?: (panic: Panic) => unknown;
  /** Default this process. */
  readonly process?: PanicSource;
  /** Default the process's own. */
  readonly clock?: Clock;
}

/** A panic a second is told of, and any that is fatal: a storm of them must not become one of reports. Milliseconds. */
const tellEveryMs = 1_000;
const words: { readonly [O in PanicOrigin]: string } = {
  uncaughtException: "uncaught exception",
  unhandledRejection: "unhandled rejection",
};
const origins: readonly PanicOrigin[] = ["uncaughtException", "unhandledRejection"];
const lookAt = `a callback or a promise whose error nobody handles: the event ${events.processPanic} has its stack`;

/**
 * Counts exceptions that nothing caught and rejections that nothing handled, and changes nothing about what becomes of
 * the process. A check is degraded by each for as long as the window; an event tells of it. Returns a function that ends
 * all of it and removes the check. Throws `HealthError`.
 */
export function watchPanics(health: Pick<Health, "register" | "telemetry">, options: PanicOptions = {}): () => void {
  const { name, windowMs, check, onPanic, source, clock } = readOptions(health, options);
  const handle = health.register(name, check);
  const telemetry = health.telemetry({ name: scopeName, version });
  const counts: { [O in PanicOrigin]: number } = { uncaughtException: 0, unhandledRejection: 0 };
  const { description, unit } = metrics.processPanics;
  const offMeter = telemetry.meter((meter) => {
    const counter = meter.createObservableCounter(metrics.processPanics.name, { description, unit });
    const observe: Parameters<typeof counter.addCallback>[0] = (result) => {
      for (const origin of origins) result.observe(counts[origin], { [attributes.panicOrigin]: origin });
    };
    counter.addCallback(observe);
    return () => counter.removeCallback(observe);
  });

  let timer: Timer | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  let toldAt = Number.NEGATIVE_INFINITY;
  let inWindow = 0;
  let since = 0;
  const pass = () => {
    inWindow = 0;
    handle.pass();
  };
  const expire = () => {
    const leftMs = lastAt + windowMs - clock.now();
    timer = leftMs > 0 ? clock.setTimer(expire, leftMs, false) : undefined;
    if (timer === undefined) pass();
  };
  const tell = ({ error, origin, at, fatal }: Panic) => {
    const { message, errorType } = describeThrown(error);
    const text = `${words[origin]}: ${message}`;
    const many = `${inWindow} panics since ${isoSeconds(since)}, the last an ${text}`;
    handle.warn(inWindow === 1 ? text : many);
    const stacktrace = boundedStack(error);
    telemetry.event({
      name: events.processPanic,
      severity: "error",
      timestamp: at,
      body: text,
      attributes: {
        [attributes.panicOrigin]: origin,
        [attributes.panicFatal]: fatal,
        [attributes.exceptionType]: errorType,
        [attributes.exceptionMessage]: message,
        ...(stacktrace !== undefined && { [attributes.exceptionStacktrace]: stacktrace }),
      },
    });
  };
  const panicked = (error: unknown, origin: PanicOrigin, fatal: boolean) => {
    const panic: Panic = { error, origin, at: clock.wallTime(), fatal };
    counts[origin]++;
    if (inWindow++ === 0) since = panic.at;
    lastAt = clock.now();
    timer ??= clock.setTimer(expire, windowMs, false);
    if (fatal || lastAt >= toldAt + tellEveryMs) {
      toldAt = lastAt;
      guarded("telling of a panic", () => tell(panic));
    }
    if (onPanic !== undefined) guarded("onPanic", () => onPanic(panic));
  };
  const onException = (error: unknown, origin: unknown) =>
    // Thrown here, anything would take the place of what it is about.
    guarded("counting a panic", () =>
      panicked(error, origin === "unhandledRejection" ? origin : "uncaughtException", isFatal(source)),
    );
  const onRejection = (reason: unknown) =>
    guarded("counting a panic", () => panicked(reason, "unhandledRejection", false));

  handle.pass();
  source.on("uncaughtExceptionMonitor", onException);
  const mode = rejectionMode(source.execArgv, source.env["NODE_OPTIONS"]);
  const rejections = new RejectionListener(source, mode, onRejection);
  return () => {
    source.off("uncaughtExceptionMonitor", onException);
    rejections.close();
    if (timer !== undefined) clock.clearTimer(timer);
    offMeter();
    void handle.unregister();
  };
}

function readOptions(health: Pick<Health, "register" | "telemetry">, options: PanicOptions) {
  const of = "of watchPanics()";
  demand(typeof options === "object" && options !== null, `the options ${of}`, "an object", options);
  const { name = "panics", windowMs = 600_000, probes, hint = lookAt, onPanic, ...others } = options;
  const { process: source = process as PanicSource, clock = systemClock, ...rest } = others;
  demand(typeof health?.register === "function", `health ${of}`, "a health object", health);
  demandMs(`windowMs ${of}`, windowMs, 1);
  demand(onPanic === undefined || typeof onPanic === "function", `onPanic ${of}`, "a function", onPanic);
  demand(typeof source?.listeners === "function", `process ${of}`, "one such as Node's own", source);
  demand(typeof clock?.setTimer === "function", `clock ${of}`, "a Clock", clock);
  const known = "one of name, windowMs, probes, hint, onPanic, process and clock";
  for (const key of Object.keys(rest)) demand(false, `an option ${of}`, known, key);
  const check: PushCheck = { kind: "push", critical: false, hint, ...(probes !== undefined && { probes }) };
  demandCheck("watchPanics()", check);
  return { name, windowMs, check, onPanic, source, clock };
}

/** Nothing that is told of a panic may be one; a promise among what comes back that rejects would be. */
function guarded(what: string, call: () => unknown): void {
  const complain = (problem: unknown) => {
    try {
      diag.error(`otel-health: ${what} failed`, problem);
    } catch {
      // A diag logger that throws leaves nobody to tell.
    }
  };
  try {
    const returned = call();
    if (typeof returned === "object" && returned !== null) (async () => returned)().catch(complain);
  } catch (error) {
    complain(error);
  }
}

function isoSeconds(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, -5)}Z`;
}
