import { describe, expect, it } from "vitest";
import { boundsOf, type CellResult, problemsOf } from "./cell-result.ts";
import { table } from "./table.ts";

const detected = {
  afterMs: 4_000,
  boundMs: 4_400,
  state: "unhealthy",
  errorType: "timeout",
  fault: "transient",
  hint: "is it up?",
  message: "no answer",
};
const good: CellResult = {
  detected,
  recovered: { afterMs: 1_000, boundMs: 2_400 },
  connections: { before: 1, after: 1 },
  listeners: { before: 2, after: 2 },
  handles: { before: 3, after: 3 },
  leftOnServer: 0,
  unhandled: [],
};
const problems = (result: Partial<CellResult>, cell: object = {}, bounds = true) =>
  problemsOf({ errorTypes: ["timeout"], ...cell }, { ...good, ...result }, { bounds });

describe("problemsOf()", () => {
  it("finds none where there is none", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ recovered: null })).toEqual([]);
    expect(problems({ connections: { before: 2, after: 1 }, handles: { before: 3, after: 2 } })).toEqual([]);
    const degraded = { ...detected, state: "degraded", errorType: undefined, fault: undefined };
    expect(problemsOf({ state: "degraded" }, { ...good, detected: degraded }, { bounds: true })).toEqual([]);
  });

  it.each<[Partial<CellResult>, string]>([
    [{ detected: undefined }, "never unhealthy"],
    [{ detected: { ...detected, state: "degraded" } }, "degraded, not unhealthy"],
    [{ detected: { ...detected, errorType: "E1" } }, "error.type E1, not timeout: no answer"],
    [{ detected: { ...detected, errorType: undefined } }, "error.type none, not timeout: no answer"],
    [{ detected: { ...detected, fault: "fatal" } }, "fault fatal, not transient"],
    [{ detected: { ...detected, hint: undefined } }, "no hint"],
    [{ detected: { ...detected, afterMs: 4_451 } }, "detected after 4451 ms"],
    [{ recovered: undefined }, "never recovered"],
    [{ recovered: { afterMs: 2_451, boundMs: 2_400 } }, "recovered after 2451 ms"],
    [{ connections: { before: 1, after: 2 } }, "2 connections, 1 before"],
    [{ listeners: { before: 2, after: 3 } }, "3 listeners, 2 before"],
    [{ listeners: { before: 2, after: 1 } }, "1 listeners, 2 before"],
    [{ handles: { before: 3, after: 4 } }, "4 handles, 3 before"],
    [{ leftOnServer: 1 }, "1 connections left on the server"],
    [{ unhandled: ["Error: boom"] }, "unhandled: Error: boom"],
  ])("finds %j", (result, problem) => {
    expect(problems(result)).toEqual([problem]);
  });

  it("does not count what a driver is known to leave behind, and nothing else", () => {
    const left = { leftOnServer: 2, connections: { before: 1, after: 3 }, unhandled: ["Error: boom"] };
    expect(problems(left, { driverLeaves: "it forgets" })).toEqual(["unhandled: Error: boom"]);
  });

  it("says nothing of durations where a busy machine decides them", () => {
    const late = { detected: { ...detected, afterMs: 9_000 }, recovered: { afterMs: 9_000, boundMs: 2_400 } };
    expect(problems(late, {}, false)).toEqual([]);
  });
});

describe("boundsOf()", () => {
  it("is what the schedule promises, and what the client needs itself", () => {
    expect(boundsOf({})).toEqual({ detection: 2_000 + 2_000 + 400, recovery: 2_000 + 400 });
    expect(boundsOf({ state: "degraded", clientMs: 500 })).toEqual({ detection: 7_200, recovery: 2_900 });
  });
});

describe("table()", () => {
  it("has a row for each subject, a mark for what only warns, and notes for what was not tried", () => {
    const lines = [
      { subject: "a: b", fault: "refused", ...good },
      { subject: "a: b", fault: "hang", ...good, detected: { ...detected, state: "degraded" }, recovered: null },
      { subject: "a: b", fault: "slow", skipped: "it cannot be" },
      { subject: "c: d", fault: "slow", skipped: "it cannot be" },
    ] as const;
    const [, , first, second, , note] = table(lines).split("\n");
    expect(first).toMatch(/^\| `a: b` \| 4\.0 \/ 1\.0 \| ~4\.0 \/ – \| \[1\] \| \? \|/);
    expect(second).toMatch(/^\| `c: d` \| \? \| \? \| \[1\] \|/);
    expect(note).toBe("[1] it cannot be.  ");
  });
});
