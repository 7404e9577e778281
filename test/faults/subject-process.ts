import { type Fault, faults } from "./fault.ts";
import { Names } from "./names.ts";
import { runCell } from "./run-cell.ts";
import { allSubjects } from "./subjects.ts";

// Runs the cells of one subject, in a process that is theirs: `node subject-process.ts "<subject>" [fault …]`. Prints a
// line of JSON for each.

const [name, ...only] = process.argv.slice(2);
const subject = (await allSubjects()).find((each) => each.name === name);
if (subject === undefined) throw new Error(`there is no subject ${name}`);
const names = new Names();
await using server = await subject.start();
for (const fault of faults) {
  if (only.length > 0 && !only.includes(fault)) continue;
  const cell = subject.cells[fault];
  const seen = typeof cell === "string" ? { skipped: cell } : await attempt(fault);
  process.stdout.write(`${JSON.stringify({ subject: name, fault, ...seen })}\n`);
}

async function attempt(fault: Fault): Promise<object> {
  try {
    return await runCell(subject as NonNullable<typeof subject>, server, fault, names);
  } catch (error) {
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
