export type { MemcachedClient, MemcachedStats } from "./clients.ts";
export { memcached } from "./memcached.ts";
