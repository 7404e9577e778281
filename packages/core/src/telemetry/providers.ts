import * as api from "@opentelemetry/api";
import { version } from "../version.ts";
import { scopeName } from "./semconv.ts";

/** The part of a logger that events need. Declared here, since API 1.9 declares none; those of 1.10 fit. */
export interface Logger {
  emit(record: { readonly eventName: string }): void;
  enabled?(options: object): boolean;
}
type LoggerProvider = { getLogger(name: string, version?: string): Logger };
type Logs = { getLoggerProvider(): LoggerProvider };

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

  tracer(): api.Tracer | undefined {
    if (!this.#enabled) return undefined;
    return (this.#tracerProvider ?? api.trace.getTracerProvider()).getTracer(scopeName, version);
  }

  logger(): Logger | undefined {
    if (!this.#enabled) return undefined;
    // API 1.9 has no logs; there the provider comes through the plugin, or there is none.
    const logs: Logs | undefined = "logs" in api ? api.logs : undefined;
    return (this.#loggerProvider ?? logs?.getLoggerProvider())?.getLogger(scopeName, version);
  }
}

/** By its name where it is not this copy's: the API has an ES and a CommonJS build, and a process may load both. */
function isNoop(meter: api.Meter): boolean {
  if (meter === api.createNoopMeter()) return true;
  const { constructor: made } = Object(meter);
  return made?.name === "NoopMeter" && Object.getPrototypeOf(meter) === made.prototype;
}
