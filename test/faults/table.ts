import type { CellResult, Line } from "./cell-result.ts";
import { faults } from "./fault.ts";

/**
 * What the matrix said, as the README shows it: a row for each client, a column for each fault; in a cell the seconds until
 * it was detected and until it was over. What is only degraded is marked with ~, what was not tried has a note.
 */
export function table(lines: readonly Line[]): string {
  const notes: string[] = [];
  const noteOf = (text: string) => {
    if (!notes.includes(text)) notes.push(text);
    return `[${notes.indexOf(text) + 1}]`;
  };
  const cell = (line: Line | undefined) => {
    if (line === undefined || "failed" in line) return "?";
    return "skipped" in line ? noteOf(line.skipped) : seconds(line);
  };
  const subjects = [...new Set(lines.map(({ subject }) => subject))];
  const rows = subjects.map((subject) => [
    `\`${subject}\``,
    ...faults.map((fault) => cell(lines.find((line) => line.subject === subject && line.fault === fault))),
  ]);
  const head = ["check: client", ...faults];
  const text = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  return [text, ...notes.map((note, i) => `${i === 0 ? "\n" : ""}[${i + 1}] ${note}.  `)].join("\n");
}

function seconds({ detected, recovered }: CellResult): string {
  const one = (ms: number) => (ms / 1_000).toFixed(1);
  const mark = detected?.state === "degraded" ? "~" : "";
  const after = recovered ? one(recovered.afterMs) : "–";
  return `${mark}${one(detected?.afterMs ?? Number.NaN)} / ${after}`;
}
