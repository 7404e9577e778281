import { describe, expect, it } from "vitest";
import { missing } from "../servers/require-server.ts";
import { problemsOf } from "./cell-result.ts";
import { endure } from "./endurance.ts";
import { faults } from "./fault.ts";
import { runSubject } from "./run-subject.ts";
import { allSubjects } from "./subjects.ts";

/** Twelve cells, each of which may take several times what the schedule promises before it is given up. */
const timeoutMs = 400_000;

/** A leak of one object a run would be 64 bytes at least; what is not one levels off. */
const runs = 2_000;
const leakBytes = 0.9 * runs * 64;
/** What the driver and the runtime may gain while they warm up. */
const warmUpBytes = 1_000_000;

// In one file: a subject is a process and a server of its own, and too many at once would starve the tests beside them.
describe.concurrent.each(await allSubjects())("$name", ({ name, programs, cells }) => {
  const run = it.skipIf(missing(...programs));

  run(
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

  run(
    `holds no more after ${runs} runs than after a tenth of them`,
    async () => {
      const { failed, firstFailure, early, late } = await endure(name, runs);
      expect({ failed, firstFailure }).toEqual({ failed: 0, firstFailure: undefined });
      expect(late.listeners).toBe(early.listeners);
      expect(late.handles).toBeLessThanOrEqual(early.handles);
      expect(late.connections).toBeLessThanOrEqual(early.connections);
      expect(late.heapBytes - early.heapBytes).toBeLessThan(warmUpBytes + leakBytes);
    },
    timeoutMs,
  );
});
