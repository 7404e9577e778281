import { readFileSync } from "node:fs";
import type { HealthServiceOptions } from "@otel-health/grpc";
import { describe, expect, it } from "vitest";

// Complete because the compiler says so.
const options: { readonly [O in keyof Required<HealthServiceOptions>]: true } = {
  services: true,
  maxWatchers: true,
  closeWithinMs: true,
  clock: true,
};

describe("the README's option table", () => {
  it("lists every option", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const listed = Array.from(readme.matchAll(/^\| `([a-z]\w+)` +\|/gm), ([, option = ""]) => option);
    expect(listed.toSorted()).toEqual(Object.keys(options).toSorted());
  });
});
