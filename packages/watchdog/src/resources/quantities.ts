const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

/** A share as an operator reads it: `0.9613` is `96.1 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Bytes as an operator reads them: `123.0 MiB`, `1.9 GiB`. */
export function bytes(count: number): string {
  return count < gibibyte ? `${(count / mebibyte).toFixed(1)} MiB` : `${(count / gibibyte).toFixed(1)} GiB`;
}

/** A duration as an operator reads it: `340 ms`, `2.5 s`, `30 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 600_000 ? `${Number((ms / 1_000).toFixed(1))} s` : `${Math.round(ms / 60_000)} min`;
}
