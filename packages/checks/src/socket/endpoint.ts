import { demand } from "@otel-health/core";

/** Where something listens. */
export interface Endpoint {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
}

/** Throws `invalid_option` for what is none. */
export function demandEndpoint(where: string, endpoint: Endpoint): void {
  const isObject = typeof endpoint === "object" && endpoint !== null;
  demand(isObject, `the endpoint of ${where}`, "an object { host, port }", endpoint);
  const { host, port } = endpoint;
  demand(typeof host === "string" && host !== "", `host of ${where}`, "a name or an address", host);
  demand(Number.isInteger(port) && port >= 1 && port <= 65_535, `port of ${where}`, "a port from 1 to 65535", port);
}

/** Throws `invalid_option` for keys of an endpoint that are not among `known`. */
export function demandEndpointKeys(where: string, endpoint: Endpoint, known: readonly string[]): void {
  const unknown = Object.keys(endpoint).find((key) => !known.includes(key));
  demand(unknown === undefined, `the endpoint of ${where}`, `an object of ${known.join(", ")}`, unknown);
}
