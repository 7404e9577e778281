import { readFileSync } from "node:fs";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import type { KillReason } from "../../src/last-words/kill-reason.ts";
import { TerminationLog } from "../../src/last-words/termination-log.ts";
import { killReasonMaker } from "../../src/worker/kill-reason-maker.ts";
import { KillReasons } from "../../src/worker/kill-reasons.ts";
import { temporaryFile } from "../temporary-file.ts";

const reasonOf = (message: string): KillReason => ({ at: 0, message });

function scene() {
  const path = temporaryFile();
  const lines: string[] = [];
  const problems: unknown[] = [];
  const parts = {
    standardError: { say: (line: string) => void lines.push(JSON.parse(line).message) },
    onProblem: (problem: unknown) => void problems.push(problem),
  };
  const reasons = new KillReasons({ ...parts, terminationLog: new TerminationLog(path) });
  return { path, lines, problems, parts, reasons };
}

describe("KillReasons", () => {
  it("tells a reason once, and takes it back where it is over", () => {
    const { path, lines, reasons } = scene();
    reasons.look(undefined);
    expect(lines).toEqual([]);
    const stuck = reasonOf("stuck");
    for (let i = 0; i < 3; i++) reasons.look(stuck);
    expect(lines).toEqual(["stuck"]);
    expect(readFileSync(path, "utf8")).toBe("1970-01-01T00:00:00.000Z stuck\n");
    for (let i = 0; i < 3; i++) reasons.look(undefined);
    expect(readFileSync(path, "utf8")).toBe("");
    reasons.look(stuck);
    expect(lines).toEqual(["stuck", "stuck"]);
    expect(readFileSync(path, "utf8")).toBe("1970-01-01T00:00:00.000Z stuck\n");
  });

  it("writes the termination log before it says anything, which somebody may be in the way of", () => {
    const { path, parts } = scene();
    const written: string[] = [];
    const standardError = { say: () => void written.push(readFileSync(path, "utf8")) };
    const reasons = new KillReasons({ ...parts, standardError, terminationLog: new TerminationLog(path) });
    reasons.look(reasonOf("stuck"));
    expect(written).toEqual(["1970-01-01T00:00:00.000Z stuck\n"]);
  });

  it("keeps the termination log at what is known last, and says one line each time that liveness fails", () => {
    const { path, lines, reasons } = scene();
    reasons.look(reasonOf("stuck"));
    reasons.look({ ...reasonOf("stuck"), stack: { stacktrace: "at collect" } });
    expect(readFileSync(path, "utf8")).toBe("1970-01-01T00:00:00.000Z stuck\nat collect\n");
    reasons.look(reasonOf("fatal"));
    expect(readFileSync(path, "utf8")).toBe("1970-01-01T00:00:00.000Z fatal\n");
    expect(lines).toEqual(["stuck"]);
  });

  it("says that the termination log cannot be written, once for each reason, and tells it on standard error", () => {
    const { lines, problems, parts } = scene();
    const reasons = new KillReasons({ ...parts, terminationLog: new TerminationLog("/nowhere/at/all") });
    const stuck = reasonOf("stuck");
    for (let i = 0; i < 3; i++) reasons.look(stuck);
    reasons.look(undefined);
    expect(lines).toEqual(["stuck"]);
    expect(problems).toEqual([expect.objectContaining({ code: "ENOENT" })]);
  });

  it("tells it on standard error alone where there is no termination log", () => {
    const { lines, problems, parts } = scene();
    const reasons = new KillReasons({ ...parts, terminationLog: undefined });
    reasons.look(reasonOf("stuck"));
    reasons.look(undefined);
    expect({ lines, problems }).toEqual({ lines: ["stuck"], problems: [] });
  });
});

describe("killReasonMaker", () => {
  const block = { since: Date.UTC(2026, 10, 22, 12), stage: "dead" } as const;
  const since = "liveness fails: the event loop has not turned since 2026-11-22T12:00:00.000Z";
  const stack = { stacktrace: "at collect" };

  const cause = { cause: "running", onCpuMs: 1_000, starvedMs: 0 } as const;
  const unseen = { stack: undefined, cause };
  const seen = { stack, cause };

  it("has no reason while liveness does not fail", () => {
    const reasonFor = killReasonMaker(new FakeClock());
    expect(reasonFor(undefined, undefined, unseen)).toBeUndefined();
    expect(reasonFor(undefined, { ...block, stage: "unready" }, seen)).toBeUndefined();
  });

  it("gives the same reason until there is news of it, which does not change when it began", async () => {
    const clock = new FakeClock();
    const at = clock.wallTime();
    const reasonFor = killReasonMaker(clock);
    const first = reasonFor(undefined, block, unseen);
    expect(first).toEqual({ at, message: since, cause: "running", stack: undefined });
    await clock.advance(1_000);
    expect(reasonFor(undefined, block, { ...unseen, cause: { ...cause, cause: "waiting" } })).toBe(first);
    const found = reasonFor(undefined, block, seen);
    expect(found).toEqual({ at, message: since, cause: "running", stack });
    expect(reasonFor(undefined, block, seen)).toBe(found);
    expect(reasonFor(undefined, undefined, unseen)).toBeUndefined();
    expect(reasonFor(undefined, block, unseen)).toMatchObject({ at: at + 1_000, message: since });
  });

  it("puts it down to what the process says of itself rather than to the loop", () => {
    const clock = new FakeClock();
    const reason = killReasonMaker(clock)("out of tea", block, seen);
    expect(reason).toEqual({ at: clock.wallTime(), message: "liveness fails: out of tea" });
  });
});
