import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { described, expectedPanics, type PanicCase, panicCases } from "./panic-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "panics-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Without the process's own number, and without how Node's timers came to call it: that differs with how many were due.
 */
function comparable(stderr: string): string {
  return stderr.replaceAll(/\(node:\d+\)/g, "(node)").replaceAll(/^ +at .*\(node:internal\/.*\n/gm, "");
}

/** Runs the process to its end; `panics` is where it is to keep them, undefined for one that is not watched. */
function run(
  { mode, handlers, trigger }: PanicCase,
  inNodeOptions: boolean,
  panics: string | undefined,
): Promise<Ended> {
  const flags = mode === undefined ? [] : [`--unhandled-rejections=${mode}`];
  const args = [...(inNodeOptions ? [] : flags), fileURLToPath(new URL("./panicking-process.ts", import.meta.url))];
  const env: NodeJS.ProcessEnv = { ...process.env, HANDLERS: handlers.join(), TRIGGER: trigger };
  delete env["NODE_OPTIONS"];
  if (inNodeOptions) env["NODE_OPTIONS"] = flags.join(" ");
  if (panics !== undefined) env["PANICS"] = panics;
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr: comparable(stderr) }),
    );
  });
}

describe.concurrent("a process that panics", () => {
  it.each(panicCases.map((one, i) => ({ ...one, i, title: `${one.trigger} ${one.mode ?? ""} ${one.handlers}` })))(
    "ends or lives on as it does unwatched, and its panic is told of once: $title",
    async (one) => {
      const panics = join(folder, String(one.i));
      const inNodeOptions = one.i % 2 === 1;
      const [bare, watched] = await Promise.all([run(one, inNodeOptions, undefined), run(one, inNodeOptions, panics)]);
      expect(watched).toEqual(bare);
      const expected = expectedPanics(one);
      expect(bare.stdout.includes("it lives on")).toBe(!expected.some(({ fatal }) => fatal));
      const kept = existsSync(panics) ? readFileSync(panics, "utf8").trim().split("\n") : [];
      const message = expect.stringMatching(described[one.trigger]);
      expect(kept.map((line) => JSON.parse(line))).toEqual(
        expected.map(({ origin, fatal }) => ({ origin, fatal, status: "degraded", message })),
      );
    },
    60_000,
  );
});
