import { join } from "node:path";
import { parseArgs } from "node:util";
import { Child } from "@otel-health/testkit";
import { missing } from "../servers/require-server.ts";
import type { Endured } from "./endurance-process.ts";
import { allSubjects } from "./subjects.ts";

/** Runs the check of a subject so often, in a process of its own. */
export async function endure(name: string, runs: number): Promise<Endured> {
  const script = join(import.meta.dirname, "endurance-process.ts");
  await using child = new Child({ command: process.execPath, args: ["--expose-gc", script, name, String(runs)] });
  const { code, signal } = await child.exited;
  if (code !== 0) throw new Error(`${name} ended with ${signal ?? code}:\n${child.output}`);
  return JSON.parse(child.stdout.at(-1) ?? "") as Endured;
}

// `node endurance.ts [part of a subject's name …] [--runs 100000]` prints a line for each subject.
if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: "string", default: "100000" } },
  });
  for (const { name, programs } of await allSubjects()) {
    if (positionals.length > 0 && !positionals.some((part) => name.includes(part))) continue;
    if (missing(...programs)) continue;
    const { runs, seconds, failed, firstFailure, early, late } = await endure(name, Number(values.runs));
    const grown = Math.round((late.heapBytes - early.heapBytes) / 1024);
    console.log(
      `${name}: ${runs} runs in ${seconds} s, ${failed} did not pass; heap ${grown} KiB more, ` +
        `${early.handles} → ${late.handles} handles, ${early.listeners} → ${late.listeners} listeners, ` +
        `${early.connections} → ${late.connections} connections`,
    );
    if (failed > 0) console.log(JSON.stringify(firstFailure));
  }
}
