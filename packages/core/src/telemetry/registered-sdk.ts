import type { DiagLogger } from "@opentelemetry/api";

/** What an SDK has registered. Every copy of the API looks here, and one that is newer than `version` looks away. */
export interface RegisteredSdk {
  readonly version?: string;
  readonly diag?: DiagLogger;
  readonly trace?: unknown;
  readonly metrics?: unknown;
  readonly logs?: unknown;
}

const apiKey = Symbol.for("opentelemetry.js.api.1");

/** As it is now; undefined as long as nothing was ever registered. */
export function registeredSdk(): RegisteredSdk | undefined {
  return (globalThis as { readonly [apiKey]?: RegisteredSdk })[apiKey];
}
