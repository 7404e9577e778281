import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { problemsOf } from "./cell-result.ts";
import { type Fault, faults } from "./fault.ts";
import { readmeFile, withTable } from "./readme.ts";
import { type Results, resultsFile } from "./results.ts";
import { allSubjects } from "./subjects.ts";
import { table } from "./table.ts";

const { lines } = JSON.parse(readFileSync(resultsFile, "utf8")) as Results;
const subjects = await allSubjects();

describe("RESULTS.json", () => {
  it("has a line for every fault of every subject", () => {
    const expected = subjects.flatMap(({ name }) => faults.map((fault) => `${name}, ${fault}`));
    expect(lines.map(({ subject, fault }) => `${subject}, ${fault}`)).toEqual(expected.sort(asRecorded));
  });

  it.each(subjects.map(({ name, cells }) => [name, cells] as const))(
    "holds what the schedule promises: %s",
    (name, cells) => {
      for (const line of lines.filter(({ subject }) => subject === name)) {
        const cell = cells[line.fault];
        expect("failed" in line, line.fault).toBe(false);
        if ("skipped" in line) expect(line.skipped, line.fault).toBe(cell);
        else if (typeof cell !== "string" && !("failed" in line))
          expect(problemsOf(cell, line, { bounds: true }), line.fault).toEqual([]);
      }
    },
  );

  it("is what the README shows", () => {
    const page = readFileSync(readmeFile, "utf8");
    expect(page).toBe(withTable(page, table(lines)));
  });
});

/** By subject, and the faults in the order of the table. */
function asRecorded(a: string, b: string): number {
  const [one = "", its = ""] = a.split(", ");
  const [other = "", their = ""] = b.split(", ");
  if (one !== other) return one < other ? -1 : 1;
  return faults.indexOf(its as Fault) - faults.indexOf(their as Fault);
}
