import { Redis } from "ioredis";
import { cacheUrl } from "./config.ts";
import { log } from "./log.ts";

/** Undefined where there is none. Its commands fail at once while it is away, and it is looked for five times a second. */
export const cache: Redis | undefined =
  cacheUrl === undefined
    ? undefined
    : new Redis(cacheUrl, {
        commandTimeout: 200,
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        retryStrategy: () => 200,
      });

// An "error" that nobody hears is printed for each attempt to connect.
cache?.on("error", (err) => log.debug({ err }, "the cache is away"));

/** Undefined for what is not cached, and for a cache that does not answer: it may cost time, never an order. */
export async function readCache(key: string): Promise<unknown> {
  const text = await cache?.get(key).catch(() => undefined);
  return text ? JSON.parse(text) : undefined;
}

export async function writeCache(key: string, value: unknown): Promise<void> {
  await cache?.set(key, JSON.stringify(value)).catch(() => {});
}
