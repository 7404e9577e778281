import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import { version } from "../version.ts";
import { guarded } from "./guard.ts";
import { scopeName } from "./semconv.ts";
import type { Telemetry } from "./telemetry.ts";

/** Configuration as an SDK hands it to any instrumentation. */
export interface InstrumentationConfig {
  readonly enabled?: boolean;
}

/**
 * What `NodeSDK({ instrumentations: [health.instrumentation] })` takes: OpenTelemetry's `Instrumentation` interface,
 * implemented without its base class, since nothing is patched.
 */
export interface HealthInstrumentation {
  readonly instrumentationName: string;
  readonly instrumentationVersion: string;
  enable(): void;
  disable(): void;
  setTracerProvider(provider: TracerProvider): void;
  setMeterProvider(provider: MeterProvider): void;
  /** Takes the provider of any SDK. Spelled out, since API 1.9 declares none. */
  setLoggerProvider(provider: {
    getLogger(name: string, version?: string): { emit(record: { readonly eventName: string }): void };
  }): void;
  setConfig(config: InstrumentationConfig): void;
  getConfig(): InstrumentationConfig;
}

/** The plugin over one health object's telemetry. */
export function createInstrumentation(telemetry: Telemetry): HealthInstrumentation {
  const { providers } = telemetry;
  let config: InstrumentationConfig = { enabled: true };
  const setEnabled = (enabled: boolean) => {
    config = { ...config, enabled };
    providers.enabled = enabled;
    telemetry.bind();
  };
  return {
    instrumentationName: scopeName,
    instrumentationVersion: version,
    enable: () => setEnabled(true),
    disable: () => setEnabled(false),
    setTracerProvider: (provider) => providers.setTracerProvider(provider),
    setMeterProvider(provider) {
      guarded("taking the meter provider", () => providers.setMeterProvider(provider));
      telemetry.bind();
    },
    setLoggerProvider: (provider) => providers.setLoggerProvider(provider),
    setConfig(given) {
      config = { ...given };
      setEnabled(given.enabled !== false);
    },
    getConfig: () => config,
  };
}
