import * as api from "@opentelemetry/api";
import { version } from "../version.ts";
import { loggerProviderBesideApi, registeredSdk } from "./registered-sdk.ts";
import { scopeName } from "./semconv.ts";

/**
 * Finds the providers, whenever they appear: those that an SDK handed to the plugin, else the API's globals. The API
 * has no stand-in for meters, so whoever uses `meterProvider` asks again until it is the real one.
 */
export class Providers {
  #tracerProvider: api.TracerProvider | undefined;
  #meterProvider: api.MeterProvider | undefined;
  #loggerProvider: api.LoggerProvider | undefined;
  #enabled = true;

  set enabled(enabled: boolean) {
    this.#enabled = enabled;
  }

  setTracerProvider(provider: api.TracerProvider): void {
    this.#tracerProvider = provider;
  }

  /** A provider whose meters do nothing is no provider: an SDK hands one over before it has made its own. */
  setMeterProvider(provider: api.MeterProvider): void {
    if (!isNoop(provider)) this.#meterProvider = provider;
  }

  setLoggerProvider(provider: api.LoggerProvider): void {
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

  logger(): api.Logger | undefined {
    if (!this.#enabled) return undefined;
    return (this.#loggerProvider ?? globalLoggerProvider())?.getLogger(scopeName, version);
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

/** API 1.9 has no logs. */
function globalLoggerProvider(): api.LoggerProvider | undefined {
  return "logs" in api ? api.logs.getLoggerProvider() : loggerProviderBesideApi();
}

/** Also where another copy of the API made it: then its meter is not ours, but the same one under every name. */
function isNoop(provider: api.MeterProvider): boolean {
  const meter = provider.getMeter(scopeName);
  if (meter === api.createNoopMeter()) return true;
  return (
    meter === provider.getMeter(`${scopeName}/noop`) && meter.createCounter("noop.a") === meter.createCounter("noop.b")
  );
}
