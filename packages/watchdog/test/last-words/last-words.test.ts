import { readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { createHealth } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { startWatchdog } from "@otel-health/watchdog";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFile } from "../temporary-file.ts";

describe("the last words of a watchdog", () => {
  it("are none for a panic that does not end the process", async () => {
    const terminationLog = temporaryFile();
    await using health = createHealth();
    await using watchdog = await startWatchdog(health, { host: "127.0.0.1", terminationLog });
    watchdog.lastWords({ error: new Error("no tea"), origin: "unhandledRejection", at: 0, fatal: false });
    expect(readFileSync(terminationLog, "utf8")).toBe("");
  });

  it("do not throw where they cannot be written", async () => {
    const told: unknown[][] = [];
    const ignore = () => {};
    const logger = { warn: ignore, info: ignore, debug: ignore, verbose: ignore };
    diag.setLogger({ ...logger, error: (...args: unknown[]) => void told.push(args) }, DiagLogLevel.ERROR);
    onTestFinished(() => diag.disable());
    await using health = createHealth({ clock: new FakeClock() });
    const terminationLog = temporaryFile();
    await using watchdog = await startWatchdog(health, { host: "127.0.0.1", terminationLog });
    rmSync(dirname(terminationLog), { recursive: true });
    watchdog.lastWords({ error: undefined, origin: "uncaughtException", at: 0, fatal: true });
    expect(told).toEqual([["otel-health: writing last words", expect.objectContaining({ code: "ENOENT" })]]);
  });
});
