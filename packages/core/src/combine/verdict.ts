import type { Fault, Outcome } from "../observation/outcome.ts";
import type { PartAnswer } from "./parts.ts";

const severity: { readonly [F in Fault]: number } = { transient: 0, persistent: 1, fatal: 2 };

/** More names than these would make a line that nobody reads, and what is said of them shares its length. */
const mostNamed = 8;
const longestLine = 400;

/** Every part must do; one that is not critical only warns. Pure. */
export function judgeAll(answers: readonly PartAnswer[]): Outcome {
  const failures = answers.filter(({ critical, answer }) => critical && answer.outcome === "fail");
  return failures.length > 0 ? failure(failures, failures.length, answers.length) : success(answers);
}

/** So many parts must do; what is lost beyond them is told of, though they suffice. Pure. */
export function judgeQuorum(needed: number, answers: readonly PartAnswer[]): Outcome {
  const failures = answers.filter(({ answer }) => answer.outcome === "fail");
  const missing = needed - (answers.length - failures.length);
  return missing > 0 ? failure(failures, missing, answers.length) : success(answers);
}

/** A failure that is over when `missing` of these parts do again: those that are the easiest to mend decide its fault. */
function failure(failures: readonly PartAnswer[], missing: number, of: number): Outcome {
  const faults = failures.map(({ answer }) => answer.fault ?? "transient");
  const fault = faults.toSorted((one, other) => severity[one] - severity[other])[missing - 1];
  const rests = failures.map(({ answer }) => answer.retryAfterMs);
  const retryAfterMs = rests.toSorted((one, other) => one - other)[missing - 1] ?? 0;
  const errorType = failures[0]?.answer.errorType;
  return {
    status: "fail",
    message: describe(failures, of),
    ...hintOf(failures),
    ...(retryAfterMs > 0 && { retryAfterMs }),
    ...(fault !== undefined && { fault }),
    ...(errorType !== undefined && { errorType }),
  };
}

/** A rest that a part which is not needed asks for is not the whole's: it would delay the others. */
function success(answers: readonly PartAnswer[]): Outcome {
  const troubled = answers.filter(({ answer }) => answer.outcome !== "pass");
  if (troubled.length === 0) return { status: "pass" };
  return { status: "warn", message: describe(troubled, answers.length), ...hintOf(troubled) };
}

function hintOf(parts: readonly PartAnswer[]): { readonly hint?: string } {
  const hint = parts.find(({ answer }) => answer.hint !== undefined)?.answer.hint;
  return hint === undefined ? {} : { hint };
}

/** In brackets, not behind a colon: a part that is named "token" is no secret. */
function describe(parts: readonly PartAnswer[], of: number): string {
  const failed = parts.filter(({ answer }) => answer.outcome === "fail").length;
  const room = Math.floor(longestLine / Math.min(parts.length, mostNamed));
  const named = parts.slice(0, mostNamed).map(({ name, answer }) => {
    const said = answer.message ?? answer.outcome;
    return `${name} (${said.length > room ? `${said.slice(0, room - 1).toWellFormed()}…` : said})`;
  });
  const rest = parts.length > mostNamed ? ` and ${parts.length - mostNamed} more` : "";
  return `${failed > 0 ? `${failed} of ${of} failed: ` : ""}${named.join(", ")}${rest}`;
}
