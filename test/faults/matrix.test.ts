import { describe, expect, it } from "vitest";
import { missing } from "../servers/require-server.ts";
import { problemsOf } from "./cell-result.ts";
import { faults } from "./fault.ts";
import { runSubject } from "./run-subject.ts";
import { allSubjects } from "./subjects.ts";

/** Twelve cells, each of which may take several times what the schedule promises before it is given up. */
const timeoutMs = 400_000;

describe.concurrent.each(await allSubjects())("$name", ({ name, programs, cells }) => {
  it.skipIf(missing(...programs))(
    "says what each fault is, recovers, and leaves nothing behind",
    async () => {
      const lines = await runSubject(name);
      expect(lines.map(({ fault }) => fault)).toEqual(faults);
      const problems = lines.map((line) => {
        const cell = cells[line.fault];
        if ("failed" in line) return [line.fault, [line.failed]];
        if ("skipped" in line) return [line.fault, typeof cell === "string" ? [] : ["was skipped"]];
        return [line.fault, typeof cell === "string" ? ["was not skipped"] : problemsOf(cell, line, { bounds: false })];
      });
      expect(Object.fromEntries(problems)).toEqual(Object.fromEntries(faults.map((fault) => [fault, []])));
    },
    timeoutMs,
  );
});
