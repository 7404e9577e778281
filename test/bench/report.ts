import type { Bench, BenchResult } from "./bench.ts";
import { quantile } from "./spread.ts";

/** A bench that has been run. */
export interface Finding {
  readonly bench: Bench;
  readonly result: BenchResult;
}

/** One line of JSON: value, goal and unit by name. */
export function asJson(findings: readonly Finding[]): string {
  const entries = findings.map(({ bench: { name, goal, atLeast, unit = "ratio" }, result: { value } }) => [
    name,
    { value, goal, ...(atLeast && { atLeast }), unit },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** A table for people, with what the ratios are made of below it. */
export function asTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ bench: { name, goal, atLeast }, result: { value, ratios } }) => [
    name,
    value.toFixed(3),
    `${atLeast ? "≥" : "≤"} ${goal}`,
    (atLeast ? value >= goal : value <= goal) ? "met" : "missed",
    `${quantile(ratios, 0.25).toFixed(3)} to ${quantile(ratios, 0.75).toFixed(3)} of ${ratios.length}`,
  ]);
  const table = [["name", "value", "goal", "", "middle half of the rounds"], ...rows];
  const widths = table[0]?.map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0))) ?? [];
  const lines = table.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const notes = findings.flatMap(({ bench, result }) => ["", bench.name, ...result.notes.map((note) => `  ${note}`)]);
  return [...lines, ...notes].join("\n");
}
