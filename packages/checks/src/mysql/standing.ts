import { fail, type Outcome } from "@otel-health/core";

/** What a server has to be. */
export type MysqlRole = "primary" | "replica" | "any";

/**
 * One round trip that reads no table. `super_read_only` of MySQL implies `read_only`, which MariaDB has as well; a reader
 * of Aurora says `innodb_read_only`.
 */
export const askReadOnly = "SELECT @@global.read_only AS read_only, @@global.innodb_read_only AS innodb_read_only";

/** The same for a server that may be anything, and may lack those variables. */
export const askAnything = "SELECT 1 AS answer";

/** Judges the row of {@link askReadOnly}. */
export function judgeReadOnly(row: unknown): Outcome | undefined {
  const { read_only, innodb_read_only } = columnsOf(row);
  if (!isOn(read_only) && !isOn(innodb_read_only)) return undefined;
  return fail("the server takes no writes: it is read-only", {
    errorType: "read_only",
    hint: 'after a failover, let the client connect to the new primary; for a pool of reads, say role: "replica"',
  });
}

/** Judges the row of {@link askAnything}. */
export function judgeAnything(row: unknown): undefined {
  const { answer } = columnsOf(row);
  if (Number(answer) !== 1) throw strange();
}

function columnsOf(row: unknown): Readonly<Record<string, unknown>> {
  if (typeof row !== "object" || row === null) throw new Error("the server answered without a row");
  return row as Readonly<Record<string, unknown>>;
}

/** A number; a word in the newest MariaDB, which has several. */
function isOn(value: unknown): boolean {
  if (value === undefined || value === null || typeof value === "object") throw strange();
  return !["0", "off"].includes(String(value).toLowerCase());
}

function strange(): Error {
  return new Error("the server's answer is not what MySQL would answer");
}
