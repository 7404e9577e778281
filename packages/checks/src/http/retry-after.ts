/** Who asks for more would hide for as long what has happened meanwhile. */
const longestMs = 300_000;

/** Milliseconds that a `Retry-After` asks for, seconds or a date, at most five minutes; 0 where it asks for none. */
export function retryAfterMs(header: string | null, wallTime: number): number {
  if (header === null) return 0;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - wallTime;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), longestMs);
}
