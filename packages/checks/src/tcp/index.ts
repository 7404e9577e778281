export type { Endpoint } from "../socket/endpoint.ts";
export type { Expected } from "./expectation.ts";
export { type TcpOptions, tcp } from "./tcp.ts";
