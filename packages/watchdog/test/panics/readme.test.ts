import { readFileSync } from "node:fs";
import type { PanicOptions } from "@otel-health/watchdog";
import { expect, it } from "vitest";
import { firstColumn } from "../../../../test/readme/blocks.ts";

// Complete because the compiler says so.
const options: { readonly [O in keyof PanicOptions]-?: true } = {
  name: true,
  windowMs: true,
  probes: true,
  hint: true,
  onPanic: true,
  process: true,
  clock: true,
};

it("the README's table lists every option of watchPanics", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(firstColumn(readme, "options", "watchPanics")).toEqual(Object.keys(options));
});
