import type { MemcachedStats } from "./clients.ts";

/** Which servers have no connection left: nothing but a count of those that were refused tells. */
export class Refusals {
  readonly #counts = new Map<string, number>();

  /** Whether a server accepts none now, or has refused some since it was asked last. */
  grew(server: string, stats: MemcachedStats): boolean {
    const before = this.#counts.get(server);
    const now = Number(stats["rejected_connections"] ?? 0);
    this.#counts.set(server, now);
    return stats["accepting_conns"] === "0" || (before !== undefined && now > before);
  }
}
