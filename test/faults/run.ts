import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { missing } from "../servers/require-server.ts";
import { type Line, problemsOf } from "./cell-result.ts";
import { type Fault, faults } from "./fault.ts";
import { readmeFile, withTable } from "./readme.ts";
import { type Results, resultsFile } from "./results.ts";
import { runSubject } from "./run-subject.ts";
import { allSubjects } from "./subjects.ts";
import { table } from "./table.ts";

// `node run.ts [part of a subject's name …] [--fault hang] [--record]` runs cells, four subjects at once, and says what is
// wrong with each, bounds included. With --record what was seen replaces the lines of a subject in RESULTS.json, and the
// table of the README, if nothing was wrong with it.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { fault: { type: "string", multiple: true, default: [] }, record: { type: "boolean", default: false } },
});
const only = values.fault as Fault[];
if (values.record && only.length > 0) throw new Error("--record wants every fault of a subject: leave out --fault");
const subjects = (await allSubjects()).filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
const waiting = [...subjects];
const recorded = new Map<string, readonly Line[]>();
await Promise.all(Array.from({ length: 4 }, work));
if (values.record) record();

async function work(): Promise<void> {
  for (let subject = waiting.shift(); subject !== undefined; subject = waiting.shift()) {
    const { name, programs, cells } = subject;
    if (missing(...programs)) continue;
    const lines = await runSubject(name, ...only);
    let wrong = 0;
    for (const line of lines) console.log(`${name}, ${line.fault}: ${verdict(line)}`);
    if (wrong > 0) process.exitCode = 1;
    else recorded.set(name, lines);

    function verdict(line: Line): string {
      if ("skipped" in line) return `not tried: ${line.skipped}`;
      const cell = cells[line.fault];
      const problems =
        "failed" in line ? [line.failed] : typeof cell === "string" ? [cell] : problemsOf(cell, line, { bounds: true });
      wrong += problems.length;
      if (problems.length > 0 || "failed" in line) return `WRONG: ${problems.join("; ")}`;
      const recovered = line.recovered ? `${line.recovered.afterMs} ms` : "only with another client";
      return `${line.detected?.state} ${line.detected?.errorType ?? ""} after ${line.detected?.afterMs} ms, recovered after ${recovered}`;
    }
  }
}

/** Keeps the lines of the subjects that did not run. */
function record(): void {
  const before = (JSON.parse(readFileSync(resultsFile, "utf8")) as Results).lines;
  const lines = [...before.filter(({ subject }) => !recorded.has(subject)), ...[...recorded.values()].flat()];
  const order = (line: Line) => faults.indexOf(line.fault);
  lines.sort((a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : order(a) - order(b)));
  const results: Results = { recordedAt: new Date().toISOString(), node: process.version, lines };
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(readmeFile, withTable(readFileSync(readmeFile, "utf8"), table(lines)));
}
