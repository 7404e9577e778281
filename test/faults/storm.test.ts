import { join } from "node:path";
import { Child } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";

describe("a storm of faults out of a seed", () => {
  it("finds every state true within its bound", async () => {
    const script = join(import.meta.dirname, "storm.ts");
    const subjects = ["postgres: pg", "http: fetch", "grpc: grpc-js"];
    const args = [script, "--minutes", "0.7", "--outage-seconds", "6", "--seed", "11", ...subjects];
    await using child = new Child({ command: process.execPath, args });
    expect(await child.exited, child.output).toEqual({ code: 0, signal: null });
    expect(child.stdout.at(-1)).toMatch(/^3 dependencies, [1-9]\d* changes, seed 11: 0 states were wrong$/);
  }, 120_000);
});
