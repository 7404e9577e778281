import { readFileSync } from "node:fs";
import type { PanicOptions, ThreadHeartbeatOptions } from "@otel-health/watchdog";
import { describe, expect, it } from "vitest";
import { firstColumn } from "../../../test/readme/blocks.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Complete because the compiler says so. */
type All<O> = { readonly [K in keyof O]-?: true };

const ofPanics: All<PanicOptions> = {
  name: true,
  windowMs: true,
  probes: true,
  hint: true,
  onPanic: true,
  process: true,
  clock: true,
};

const ofThreads: All<ThreadHeartbeatOptions> = {
  maxAgeMs: true,
  clock: true,
  critical: true,
  probes: true,
  hint: true,
  dependsOn: true,
  persistentAfterMs: true,
};

describe("the README's option tables", () => {
  it.each([
    ["watchPanics", ofPanics],
    ["threadHeartbeat", ofThreads],
  ])("list every option of %s", (name, options) => {
    expect(firstColumn(readme, "options", name)).toEqual(Object.keys(options));
  });
});
