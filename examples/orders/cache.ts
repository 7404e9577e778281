import { cacheUrl } from "./config.ts";

/** Undefined for what is not cached, and for a cache that does not answer: it may cost time, never an order. */
export async function readCache(key: string): Promise<unknown> {
  if (cacheUrl === undefined) return undefined;
  try {
    const response = await fetch(`${cacheUrl}/${key}`, { signal: AbortSignal.timeout(200) });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

export async function writeCache(key: string, value: unknown): Promise<void> {
  if (cacheUrl === undefined) return;
  const body = JSON.stringify(value);
  await fetch(`${cacheUrl}/${key}`, { method: "PUT", body, signal: AbortSignal.timeout(200) }).catch(() => {});
}

export async function pingCache(signal: AbortSignal): Promise<void> {
  const response = await fetch(`${cacheUrl}/ping`, { signal });
  if (!response.ok) throw new Error(`the cache answered ${response.status}`);
}
