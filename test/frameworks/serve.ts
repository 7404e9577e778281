import type { EndpointOptions, Health } from "@otel-health/http";

/** What the application's own routes answer. */
export interface Routes {
  /** The body of `/orders`: JSON. */
  readonly orders: string;
  /** What a request for `/slow` waits for before it is answered with "slow tea". */
  slow(): Promise<unknown>;
}

/** An application of one framework with two routes of its own, with the probes mounted first. */
export interface Serving {
  readonly port: number;
  /** What `drainOnSignals` is given to close. */
  close(): unknown;
}

/** Starts it on a free port of 127.0.0.1. */
export type Serve = (health: Health, routes: Routes, options?: EndpointOptions) => Promise<Serving>;

/** The frameworks that there are adapters for. */
export const frameworks = ["http", "express", "fastify", "koa", "hono", "nestjs", "nestjs-fastify"] as const;
export type Framework = (typeof frameworks)[number];
