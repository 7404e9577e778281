import type { Fault, Outcome, OutcomeStatus } from "../observation/outcome.ts";
import type { PartAnswer } from "./parts.ts";

const worse: { readonly [F in Fault]: number } = { transient: 0, persistent: 1, fatal: 2 };

/** Every part must do; one that is not critical only warns. Pure. */
export function judgeAll(answers: readonly PartAnswer[]): Outcome {
  const failures = answers.filter(({ critical, answer }) => critical && answer.outcome === "fail");
  if (failures.length > 0) return outcome("fail", failures, answers);
  const troubled = answers.filter(({ answer }) => answer.outcome !== "pass");
  return troubled.length > 0 ? outcome("warn", troubled, answers) : { status: "pass" };
}

/** So many parts must do; what is lost beyond them is told of, though they suffice. Pure. */
export function judgeQuorum(needed: number, answers: readonly PartAnswer[]): Outcome {
  const failures = answers.filter(({ answer }) => answer.outcome === "fail");
  if (answers.length - failures.length < needed) return outcome("fail", failures, answers);
  const troubled = answers.filter(({ answer }) => answer.outcome !== "pass");
  return troubled.length > 0 ? outcome("warn", troubled, answers) : { status: "pass" };
}

/** An outcome that `deciding` parts are to blame for. */
function outcome(status: OutcomeStatus, deciding: readonly PartAnswer[], all: readonly PartAnswer[]): Outcome {
  const failed = deciding.filter(({ answer }) => answer.outcome === "fail");
  const count = failed.length > 0 ? `${failed.length} of ${all.length} failed: ` : "";
  const message = count + deciding.map(({ name, answer }) => `${name}: ${answer.message ?? answer.outcome}`).join("; ");
  const hint = deciding.find(({ answer }) => answer.hint !== undefined)?.answer.hint;
  const retryAfterMs = Math.max(...deciding.map(({ answer }) => answer.retryAfterMs));
  const faults = failed.map(({ answer }) => answer.fault ?? "transient");
  const fault = faults.toSorted((one, other) => worse[other] - worse[one])[0];
  const errorType = failed[0]?.answer.errorType;
  return {
    status,
    message,
    ...(hint !== undefined && { hint }),
    ...(retryAfterMs > 0 && { retryAfterMs }),
    ...(status === "fail" && fault !== undefined && { fault }),
    ...(status === "fail" && errorType !== undefined && { errorType }),
  };
}
