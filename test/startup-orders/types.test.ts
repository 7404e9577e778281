import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { applicationOf, sdkLines } from "./sdk-line.ts";

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

describe("the fixtures, most of which hand the plugin to an SDK", () => {
  it.each(sdkLines)(
    "compile against the types of the %s.x line",
    async (line) => {
      const folder = await applicationOf(line);
      const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", folder]).catch((error) => error);
      expect(stdout).toBe("");
    },
    240_000,
  );
});
