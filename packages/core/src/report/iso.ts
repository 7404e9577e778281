/** UTC with milliseconds, as every time in a report is written; null for none. */
export function isoOrNull(wallMs: number | null): string | null {
  return wallMs === null ? null : iso(wallMs);
}

/** UTC with milliseconds. A wall clock outside what a date can hold reads as the epoch's ends. */
export function iso(wallMs: number): string {
  return new Date(Math.min(Math.max(wallMs, -8.64e15), 8.64e15)).toISOString();
}

/** UTC to the second, for sentences. */
export function isoSeconds(wallMs: number): string {
  return `${iso(wallMs).slice(0, -5)}Z`;
}
