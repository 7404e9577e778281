/** What memcached says of itself. */
export type MemcachedStats = { readonly [name: string]: string };

/** What is used of `Client` of `memjs`. */
export interface MemcachedClient {
  readonly servers: readonly unknown[];
  /** Asks every server once; calls back once for each that answers or fails, and not at all for one that just goes away. */
  stats(callback: (error: unknown, server: string, stats: MemcachedStats | null) => void): void;
}
