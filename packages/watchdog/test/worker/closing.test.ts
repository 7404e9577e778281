import { join } from "node:path";
import { startChild } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";

describe("a thread that is closed right after it has read a stack", () => {
  it("is there until the main thread has let go of its session: to be gone would abort the process", async () => {
    const args = [join(import.meta.dirname, "closing-process.ts")];
    await using child = await startChild({ command: process.execPath, args, ready: /^it was / });
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(child.output).toBe("it was there");
  });
});
