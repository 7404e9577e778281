import { readFileSync } from "node:fs";
import type { HealthPluginOptions } from "@otel-health/fastify";
import { describe, expect, it } from "vitest";

// Complete because the compiler says so.
const options: { readonly [O in keyof Required<HealthPluginOptions>]: true } = {
  prefix: true,
  paths: true,
  detail: true,
  authorize: true,
  authorizeTimeoutMs: true,
  statusCodes: true,
  reasonHeader: true,
  drainDelayMs: true,
};

describe("the README's option table", () => {
  it("lists every option", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const listed = Array.from(readme.matchAll(/^\| `(\w+)` +\|/gm), ([, option = ""]) => option);
    expect(listed.toSorted()).toEqual(Object.keys(options).toSorted());
  });
});
