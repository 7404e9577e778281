import type { EndpointOptions, Health } from "@otel-health/http";

/** What a request for `/slow` waits for before it is answered. */
export type Slow = () => Promise<unknown>;

/** An application of one framework with `/orders`, which answers "tea", and `/slow`, with the probes mounted first. */
export interface Serving {
  readonly port: number;
  /** What `drainOnSignals` is given to close. */
  close(): unknown;
}

/** Starts it on a free port of 127.0.0.1. */
export type Serve = (health: Health, slow: Slow, options?: EndpointOptions) => Promise<Serving>;

/** The frameworks that there are adapters for. */
export const frameworks = ["http", "express"] as const;
export type Framework = (typeof frameworks)[number];
