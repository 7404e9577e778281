export type { Endpoint } from "../socket/endpoint.ts";
export { type TlsEndpoint, type TlsOptions, tls } from "./tls.ts";
