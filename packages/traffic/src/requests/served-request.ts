import type { Attributes } from "@opentelemetry/api";

/** A request that the service serves or has served. */
export interface ServedRequest {
  /** Undefined for what is not HTTP. */
  readonly method: string | undefined;
  /** Path and query; undefined for what is not HTTP. */
  readonly url: string | undefined;
  /** By names in lower case; empty for what is not HTTP. */
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  /** The port of this process that it came in by; undefined where that is not known. */
  readonly port: number | undefined;
  /** The HTTP status code, once there is one. */
  readonly status: number | undefined;
  /** Those of its span, for what is not HTTP: `rpc.method` and the like. */
  readonly attributes: Attributes;
}

/** How a request ended. */
export type RequestEnd =
  /** It was answered, or broken off by the service itself. */
  | { readonly by: "service"; readonly failed: boolean; readonly errorType: string | undefined; readonly ms: number }
  /** The client did not wait for the answer, or for all of it. */
  | {
      readonly by: "client";
      /** Whether the answer had begun. */
      readonly answering: boolean;
      /** Whether all of the request had arrived. */
      readonly complete: boolean;
      readonly ms: number;
    };

/** A request that is being served. */
export interface OpenRequest extends ServedRequest {
  /** Milliseconds on the clock. */
  readonly startedAt: number;
  /** Whether the answer has begun. */
  readonly isAnswering: boolean;
}
