export type { HeartbeatFailed, MongodbClient } from "./clients.ts";
export { type MongodbOptions, type MongodbRole, mongodb } from "./mongodb.ts";
