import type { DiagLogger, LoggerProvider } from "@opentelemetry/api";

/** What an SDK has registered. Every copy of the API looks here, and one that is newer than `version` looks away. */
export interface RegisteredSdk {
  readonly version?: string;
  readonly diag?: DiagLogger;
  readonly trace?: unknown;
  readonly metrics?: unknown;
  readonly logs?: unknown;
}

const apiKey = Symbol.for("opentelemetry.js.api.1");
/** Beside API 1.9 logs are a package of their own, which keeps a getter here and answers it by version. */
const logsApiKey = Symbol.for("io.opentelemetry.js.api.logs");
const logsApiVersion = 1;

interface Registry {
  readonly [apiKey]?: RegisteredSdk;
  readonly [logsApiKey]?: (version: number) => LoggerProvider;
}

/** As it is now; undefined as long as nothing was ever registered. */
export function registeredSdk(): RegisteredSdk | undefined {
  return (globalThis as Registry)[apiKey];
}

/** Where an SDK of the 2.x line puts its logger provider. */
export function loggerProviderBesideApi(): LoggerProvider | undefined {
  return (globalThis as Registry)[logsApiKey]?.(logsApiVersion);
}
