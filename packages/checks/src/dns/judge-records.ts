import { demand, fail, type Outcome } from "@otel-health/core";
import { noVerdict } from "../dependency/no-verdict.ts";

/** What a name has to resolve to. */
export type DnsExpected = readonly string[] | ((records: readonly string[]) => boolean);

/** How many answers are shown. */
const mostShown = 5;

/** Throws `invalid_option` for what cannot be expected. */
export function readExpected(
  where: string,
  expected: DnsExpected | undefined,
): (records: readonly string[]) => unknown {
  if (expected === undefined) return () => true;
  if (typeof expected === "function") return expected;
  const isList = Array.isArray(expected) && expected.length > 0 && expected.every((each) => typeof each === "string");
  demand(isList, `expect of ${where}`, "an array of answers or a function", expected);
  const wanted = new Set(expected);
  return (records) => records.length === wanted.size && records.every((record) => wanted.has(record));
}

/** Judges the answers; undefined where they are as they should be. */
export function judgeRecords(
  records: readonly string[],
  isExpected: (records: readonly string[]) => unknown,
): Outcome | undefined {
  const unique = [...new Set(records)].sort();
  if (unique.length === 0) {
    return fail("the name resolves to nothing", {
      errorType: "ENODATA",
      hint: "the name is known and has no such record: has it been removed, or is it of another type?",
    });
  }
  const verdict = isExpected(unique);
  if (typeof verdict !== "boolean") return noVerdict("expect of dns()");
  if (verdict) return undefined;
  const shown = unique.slice(0, mostShown).join(", ");
  return fail(`the name resolves to ${unique.length > mostShown ? `${shown}, …` : shown}, which was not expected`, {
    errorType: "unexpected_answer",
    hint: "the record was changed, a resolver still has an old one, or another name server answers than is meant",
  });
}
