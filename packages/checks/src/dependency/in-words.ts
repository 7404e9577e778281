/** A time as an operator says it: "3 days", "45 hours", "10 minutes", "5 seconds". */
export function timeInWords(ms: number): string {
  const units = [
    ["days", 86_400_000],
    ["hours", 3_600_000],
    ["minutes", 60_000],
  ] as const;
  const [unit, unitMs] = units.find(([, each]) => ms >= 2 * each) ?? ["seconds", 1_000];
  return `${Math.max(0, Math.floor(ms / unitMs))} ${unit}`;
}

/** Bytes as an operator says them: "1.5 GiB", "20 KiB", "5 bytes". */
export function bytesInWords(bytes: number): string {
  const units = ["TiB", "GiB", "MiB", "KiB"] as const;
  const power = units.findIndex((_, i) => bytes >= 1_024 ** (4 - i));
  if (power === -1) return `${bytes} bytes`;
  return `${Math.round((bytes / 1_024 ** (4 - power)) * 10) / 10} ${units[power]}`;
}
