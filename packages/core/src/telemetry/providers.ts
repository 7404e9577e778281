import * as api from "@opentelemetry/api";
import { version } from "../version.ts";
import { registeredSdk } from "./registered-sdk.ts";
import { scopeName } from "./semconv.ts";

/** The part of a logger that events need. Declared here, since API 1.9 declares none; those of 1.10 fit. */
export interface Logger {
  emit(record: { readonly eventName: string }): void;
  enabled?(options: object): boolean;
}

/** Whose telemetry it is, as OpenTelemetry names instrumentation scopes. */
export interface Scope {
  readonly name: string;
  readonly version: string;
}

const coreScope: Scope = { name: scopeName, version };

type LoggerProvider = { getLogger(name: string, version?: string): Logger };

/**
 * Finds the providers, whenever they appear: those that an SDK handed to the plugin, else the API's globals. The API
 * has no stand-in for meters, so whoever uses `meterProvider` asks again until it is the real one.
 */
export class Providers {
  #tracerProvider: api.TracerProvider | undefined;
  #meterProvider: api.MeterProvider | undefined;
  #loggerProvider: LoggerProvider | undefined;
  #enabled = true;

  set enabled(enabled: boolean) {
    this.#enabled = enabled;
  }

  setTracerProvider(provider: api.TracerProvider): void {
    this.#tracerProvider = provider;
  }

  /** A provider whose meters do nothing is no provider: an SDK hands one over before it has made its own. */
  setMeterProvider(provider: api.MeterProvider): void {
    if (!isNoop(provider.getMeter(scopeName))) this.#meterProvider = provider;
  }

  setLoggerProvider(provider: LoggerProvider): void {
    this.#loggerProvider = provider;
  }

  /** The meter provider of now; undefined while telemetry is disabled. */
  get meterProvider(): api.MeterProvider | undefined {
    return this.#enabled ? (this.#meterProvider ?? api.metrics.getMeterProvider()) : undefined;
  }

  tracer(scope: Scope = coreScope): api.Tracer | undefined {
    if (!this.#enabled) return undefined;
    return (this.#tracerProvider ?? api.trace.getTracerProvider()).getTracer(scope.name, scope.version);
  }

  logger(scope: Scope = coreScope): Logger | undefined {
    if (!this.#enabled) return undefined;
    return (this.#loggerProvider ?? globalLoggerProvider())?.getLogger(scope.name, scope.version);
  }

  /** What an SDK has registered and gets nothing of: the plugin was not given it, and our copy of the API refuses it. */
  unseen(): readonly string[] {
    if (!this.#enabled) return [];
    const sdk = registeredSdk();
    return [
      { what: "spans", there: sdk?.trace, handed: this.#tracerProvider, seen: api.trace.getTracerProvider() },
      { what: "metrics", there: sdk?.metrics, handed: this.#meterProvider, seen: api.metrics.getMeterProvider() },
      { what: "events", there: sdk?.logs, handed: this.#loggerProvider, seen: globalLoggerProvider() },
    ]
      .filter(({ there, handed, seen }) => there !== undefined && handed === undefined && seen !== there)
      .map(({ what }) => what);
  }

  /** Of our copy of the API, as near as it can be told. */
  get apiVersion(): string {
    return "logs" in api ? "1.10 or newer" : "1.9";
  }
}

/** By its name where it is not this copy's: the API has an ES and a CommonJS build, and a process may load both. */
function isNoop(meter: api.Meter): boolean {
  if (meter === api.createNoopMeter()) return true;
  const { constructor: made } = Object(meter);
  return made?.name === "NoopMeter" && Object.getPrototypeOf(meter) === made.prototype;
}

const logsKey = Symbol.for("io.opentelemetry.js.api.logs");
const logsVersion = 1;

/** API 1.9 has no logs: beside it they are a package of their own, whose global answers by version. */
function globalLoggerProvider(): LoggerProvider | undefined {
  if ("logs" in api) return api.logs.getLoggerProvider();
  return (globalThis as { readonly [logsKey]?: (version: number) => LoggerProvider })[logsKey]?.(logsVersion);
}
