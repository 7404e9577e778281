import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { consumer } from "./consumer.ts";

let folder = "";
beforeAll(async () => {
  folder = await consumer("jest", { jest: "30.5.2" });
}, 180_000);

/** What Jest, without any configuration, says of a test file; it reports on stderr. */
async function jest(file: string, ...nodeOptions: readonly string[]): Promise<unknown> {
  // Vitest's own marks would make Jest believe that it runs inside itself.
  const { NODE_OPTIONS, NODE_ENV, JEST_WORKER_ID, VITEST, ...env } = process.env;
  const args = [...nodeOptions, join(folder, "node_modules/jest/bin/jest.js"), "--json", file];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder, env }).catch(
    (error) => error,
  );
  const { success, numPassedTests } = JSON.parse(stdout);
  if (!success || /warning|did not exit/i.test(stderr)) throw new Error(stderr);
  return numPassedTests;
}

describe("Jest 30 without configuration", () => {
  it("requires the packages", async () => {
    expect(await jest("jest-require.test.cjs")).toBe(2);
  });

  it("imports them where Node's modules are switched on", async () => {
    expect(await jest("jest-import.test.mjs", "--experimental-vm-modules", "--no-warnings")).toBe(1);
  });
});
