export type { NatsConnection } from "./clients.ts";
export { type NatsOptions, nats } from "./nats.ts";
