import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consumer, play } from "./consumer.ts";

let folder = "";
/** Elsewhere, where no package is installed that a bundle could fall back on. */
const out = mkdtempSync(join(tmpdir(), "otel-health-bundled-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));
beforeAll(async () => {
  folder = await consumer("bundlers");
}, 180_000);

describe("an application that is bundled into one file", () => {
  it.each([
    ["esm", "service.mjs", "bundle.mjs"],
    ["cjs", "service.mjs", "bundle.cjs"],
    // What is required is bundled too, and is the other build.
    ["esm", "service.cjs", "bundle-of-required.mjs"],
  ] as const)("answers, as %s made of %s", async (format, entry, file) => {
    await using bundle = await rolldown({ input: join(folder, entry), platform: "node" });
    const { output } = await bundle.write({ file: join(out, file), format });
    expect(output).toHaveLength(1);
    expect(await play(out, process.execPath, join(out, file))).toBe("200 1 check is healthy");
  });

  it.each([
    ["esm", "watch.mjs", "mjs"],
    ["cjs", "watch.mjs", "cjs"],
  ] as const)("has a watchdog whose thread is bundled beside it, as %s", async (format, entry, extension) => {
    const input = { app: join(folder, entry), "probe-worker": "@otel-health/watchdog/probe-worker" };
    await using bundle = await rolldown({ cwd: folder, input, platform: "node" });
    const names = { entryFileNames: `[name].${extension}`, chunkFileNames: `[name].${extension}` };
    const dir = join(out, `watched-${extension}`);
    await bundle.write({ dir, format, ...names });
    expect(await play(dir, process.execPath, join(dir, `app.${extension}`))).toBe("degraded\n");
  });
});
